#: exit 1
#: stderr     +------------------------------------
raise BaseExceptionGroup("several", [SystemExit(3), KeyboardInterrupt()])
