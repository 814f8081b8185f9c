#: cold
#: exit 1
#: stderr TabError: inconsistent use of tabs and spaces in indentation
if True:
        pass
	pass
