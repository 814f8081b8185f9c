#: exit 5
class Exit(SystemExit):
    @property
    def code(self):
        print("asked")
        return 5


raise Exit("other")
