import a2
late = 1
