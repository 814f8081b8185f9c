//! The texts of the commands by which an app leaves for other hosts.

pub const BUILD_HELP: &str = "\
Writes one WebAssembly component for wasi:http, which wasmtime serve, Spin and
other hosts run: Python, started and saved, your scripts, packages and the files
of the volumes. Each request starts where Python was saved.

What .env, --env-file and -e name is not in it: the host gives these variables.
What scripts write is gone after the request, except in the volumes that
--writable names, which the host gives. Whoever has the file can read what is in
it.

Examples:
  pywagi build
  wasmtime serve app.wasm
  pywagi build --writable /data
  wasmtime serve -S cli --dir data::/data app.wasm
  pywagi build -o api.wasm --route '/api/...'

Exit codes:
  0  done
  1  a route cannot be in a component, a script has a mistake, files
  2  the command line could not be understood";

pub const EXPORT_HELP: &str = "\
Nothing of the app is changed. What another host has no counterpart for is told
as a note, and what it cannot run is refused.

Examples:
  pywagi export docker
  pywagi export spin";

pub const EXPORT_SPIN_HELP: &str = "\
Builds the app as `pywagi build` does, and writes the spin.toml that has Spin
run it. With --wagi the app's own files are named in it: that is for Spin up to
version 4, which warns that its WAGI executor ends, and Python starts anew for
each request there.

Examples:
  pywagi export spin
  pywagi export spin --oci image --kube registry.example.com/shop:1 >shop.yaml
  pywagi export spin --wagi

Exit codes:
  0  done
  1  another file is there already, or Spin cannot run the app
  2  the command line could not be understood";

pub const EXPORT_WAGI_HELP: &str = "\
Writes wagi.toml beside modules.toml: what wagi 0.8.1 does not know is left out.
The command line that serves it has the variables that the interpreter and the
modules need.

Examples:
  pywagi export wagi

Exit codes:
  0  done
  1  another file is there already, or wagi cannot serve the app
  2  the command line could not be understood";

pub const EXPORT_WASMCLOUD_HELP: &str = "\
Builds the app as `pywagi build` does, and writes the manifest that has wasmCloud
1 run it: an application of wadm. For wasmCloud 2, on Kubernetes, --kube prints a
WorkloadDeployment.

Examples:
  pywagi export wasmcloud
  pywagi export wasmcloud --oci image --kube registry.example.com/shop:1

Exit codes:
  0  done
  1  another file is there already, or the app cannot be a component
  2  the command line could not be understood";

pub const EXPORT_DOCKER_HELP: &str = "\
Writes Dockerfile, lighttpd.conf, what Docker is not to copy, and a copy of this
pywagi. The image has what modules.toml names, and a cache that is filled when
it is built, so that the first request of a container is warm. Nothing in it
runs as root, the app's files cannot be changed, and port 8080 answers.

Examples:
  pywagi export docker --writable /data
  docker build -f docker/Dockerfile -t shop .
  docker run --rm -p 8080:8080 shop

Exit codes:
  0  done
  1  a file is there already, or the app needs one from elsewhere
  2  the command line could not be understood, or there is no such volume";

pub const CGI_HELP: &str = "\
A CGI program (RFC 3875) for lighttpd, Apache, or nginx with fcgiwrap. The
shortest way: make modules.toml executable, with `#!/usr/bin/pywagi cgi` as its
first line, and have the web server run it as a CGI program. For more flags, a
script of two lines:

  #!/bin/sh
  exec pywagi cgi -c /srv/app/modules.toml --timeout 10s

Where a server takes the name of a program for files, as lighttpd does, a link
to pywagi that is called pywagi-cgi is this command.

Routes are compared with the path below the place where the server has the
program, PATH_INFO. SCRIPT_NAME is that place and the route. Guests see nothing
of the server's environment but the request.

What failed is in the server's error log, with what scripts write to stderr;
the client gets a page of one line. The cache is where PYWAGI_CACHE_DIR says, a
variable that the web server sets. It may be read-only, after `pywagi cache
warm`.

Examples:
  pywagi cgi modules.toml
  pywagi cgi -c /srv/app/modules.toml -e DEBUG=1

Exit codes:
  0  there was an answer, be it an error page
  1  there was none: standard output could not be written
  2  the command line could not be understood, or there is no request";
