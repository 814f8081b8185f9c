#: cold
#: exit 1
#: stderr SyntaxError: (unicode error) 'utf-8' codec can't decode byte 0xfc in position 7: invalid start byte
print("ü")
