import sys

print("one")
sys.stdout = None
print("two")
sys.__stdout__.write("three\n")
