import os, platform, sys, sysconfig

print(sys.platform, os.name, platform.python_version(), platform.python_implementation(), platform.system(), platform.machine())
print(os.uname() if hasattr(os, "uname") else "", os.getpid(), sysconfig.get_paths()["stdlib"], os.cpu_count(), platform.platform())
print(sys.version_info, sys.implementation, sys.float_info.max, sys.byteorder, sys.maxsize)
