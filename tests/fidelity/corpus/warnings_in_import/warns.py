print("\d" is 1)
