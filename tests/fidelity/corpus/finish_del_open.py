class Said:
    def __del__(self):
        try:
            with open("/data/written", "w") as file:
                file.write("at the end")
            print("written")
        except BaseException as error:
            print(type(error), error)


thing = Said()
