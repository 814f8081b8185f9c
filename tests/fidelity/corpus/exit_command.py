#: run ["python", "-c", "import sys; print('x'); sys.exit('said')"]
#: exit 1
#: stderr said
