#: exit 4
import sys


def deep(n):
    try:
        if n:
            deep(n - 1)
        sys.exit(4)
    finally:
        print("leaving", n)


deep(3)
