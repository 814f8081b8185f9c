#: env PYTHONVERBOSE=1
#: cold
#: stderr # clear sys.audit hooks
