class Said:
    def __del__(self):
        print("del", type(self.error))


try:
    1 / 0
except ZeroDivisionError as error:
    thing = Said()
    thing.error = error
print("end")
