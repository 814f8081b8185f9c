import sys
print("no end of line", sys._getframe().f_lineno)


x = 1
if x:
    print("last")