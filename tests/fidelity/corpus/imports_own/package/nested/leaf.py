from .. import name as above

value = "leaf of " + above
