import ctypes

assert ctypes.sizeof(ctypes.c_int) == 4
print("ok")
