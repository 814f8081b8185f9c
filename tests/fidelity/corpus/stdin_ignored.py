#: stdin "nobody reads this\n"
print("Content-Type: text/plain\n")
