#: exit 1
#: stderr other
class Exit(SystemExit):
    @property
    def code(self):
        raise ValueError("no code")


raise Exit("other")
