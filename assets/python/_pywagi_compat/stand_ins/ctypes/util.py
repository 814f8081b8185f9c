def find_library(name):
    return None


find_msvcrt = find_library
