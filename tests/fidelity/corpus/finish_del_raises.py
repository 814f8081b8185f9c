#: stderr ZeroDivisionError: division by zero
class Broken:
    def __del__(self):
        1 / 0


thing = Broken()
Broken()
print("end")
