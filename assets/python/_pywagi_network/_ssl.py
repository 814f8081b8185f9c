"""What `ssl`, which is CPython's own, asks of OpenSSL: here of rustls, which pywagi has.

What is set and cannot be had raises an error: nothing that a program asks for is left out in silence.
"""

import _socket
import errno
import os
import weakref
from _json import encode_basestring_ascii as quoted
from binascii import a2b_base64, b2a_base64

from _pywagi_network import ask, milliseconds, numbers, open_new

# urllib3 takes what does not begin so for a TLS that cannot check names.
OPENSSL_VERSION = "OpenSSL 3.0.0 (in truth: rustls, in pywagi)"
OPENSSL_VERSION_INFO = _OPENSSL_API_VERSION = (3, 0, 0, 0, 0)
OPENSSL_VERSION_NUMBER = 0x30000000
_DEFAULT_CIPHERS = "DEFAULT"
HAS_SNI = HAS_ECDH = HAS_ALPN = HAS_TLSv1_2 = HAS_TLSv1_3 = True
HAS_NPN = HAS_SSLv2 = HAS_SSLv3 = HAS_TLSv1 = HAS_TLSv1_1 = HAS_TLS_UNIQUE = HAS_PSK = False
HOSTFLAG_NEVER_CHECK_SUBJECT = 32
ENCODING_PEM, ENCODING_DER = 1, 2


def define(prefix, members):
    for word in members.split():
        name, _, value = word.partition("=")
        globals()[prefix + name] = int(value)


define("PROTOCOL_", "SSLv23=2 TLS=2 TLS_CLIENT=16 TLS_SERVER=17 TLSv1=3 TLSv1_1=4 TLSv1_2=5")
define("PROTO_", "MAXIMUM_SUPPORTED=-1 MINIMUM_SUPPORTED=-2 SSLv3=768 TLSv1=769 TLSv1_1=770 TLSv1_2=771 TLSv1_3=772")
define("CERT_", "NONE=0 OPTIONAL=1 REQUIRED=2")
define("VERIFY_", "DEFAULT=0 CRL_CHECK_LEAF=4 CRL_CHECK_CHAIN=12 X509_STRICT=32 ALLOW_PROXY_CERTS=64")
define("VERIFY_X509_", "PARTIAL_CHAIN=524288 TRUSTED_FIRST=32768")
define(
    "OP_",
    "ALL=2147483728 CIPHER_SERVER_PREFERENCE=4194304 ENABLE_KTLS=8 ENABLE_MIDDLEBOX_COMPAT=1048576"
    " IGNORE_UNEXPECTED_EOF=128 LEGACY_SERVER_CONNECT=4 NO_COMPRESSION=131072 NO_RENEGOTIATION=1073741824 NO_SSLv2=0"
    " NO_SSLv3=33554432 NO_TICKET=16384 NO_TLSv1=67108864 NO_TLSv1_1=268435456 NO_TLSv1_2=134217728"
    " NO_TLSv1_3=536870912 SINGLE_DH_USE=0 SINGLE_ECDH_USE=0",
)
define(
    "SSL_ERROR_",
    "EOF=8 INVALID_ERROR_CODE=10 SSL=1 SYSCALL=5 WANT_CONNECT=7 WANT_READ=2 WANT_WRITE=3 WANT_X509_LOOKUP=4"
    " ZERO_RETURN=6",
)
define(
    "ALERT_DESCRIPTION_",
    "ACCESS_DENIED=49 BAD_CERTIFICATE=42 BAD_CERTIFICATE_HASH_VALUE=114 BAD_CERTIFICATE_STATUS_RESPONSE=113"
    " BAD_RECORD_MAC=20 CERTIFICATE_EXPIRED=45 CERTIFICATE_REVOKED=44 CERTIFICATE_UNKNOWN=46"
    " CERTIFICATE_UNOBTAINABLE=111 CLOSE_NOTIFY=0 DECODE_ERROR=50 DECOMPRESSION_FAILURE=30 DECRYPT_ERROR=51"
    " HANDSHAKE_FAILURE=40 ILLEGAL_PARAMETER=47 INSUFFICIENT_SECURITY=71 INTERNAL_ERROR=80 NO_RENEGOTIATION=100"
    " PROTOCOL_VERSION=70 RECORD_OVERFLOW=22 UNEXPECTED_MESSAGE=10 UNKNOWN_CA=48 UNKNOWN_PSK_IDENTITY=115"
    " UNRECOGNIZED_NAME=112 UNSUPPORTED_CERTIFICATE=43 UNSUPPORTED_EXTENSION=110 USER_CANCELLED=90",
)

OBJECTS = {
    "1.3.6.1.5.5.7.3.1": (129, "serverAuth", "TLS Web Server Authentication"),
    "1.3.6.1.5.5.7.3.2": (130, "clientAuth", "TLS Web Client Authentication"),
}


class SSLError(OSError):
    library = reason = None

    def __str__(self):
        return str(self.strerror if self.strerror is not None else self.args)


class SSLZeroReturnError(SSLError):
    pass


class SSLWantReadError(SSLError):
    pass


class SSLWantWriteError(SSLError):
    pass


class SSLSyscallError(SSLError):
    pass


class SSLEOFError(SSLError):
    pass


class SSLCertVerificationError(SSLError, ValueError):
    verify_code, verify_message = 0, ""


for _kind in (SSLError, *SSLError.__subclasses__()):
    _kind.__module__ = "ssl"


def refuse(what):
    def refuse(*_, **__):
        raise SSLError(SSL_ERROR_SSL, f"{what} cannot be had in this sandbox")

    return refuse


def translated(error):
    """An error of pywagi's, as OpenSSL would have put it."""
    code, text = getattr(error, "pywagi_code", 0), error.strerror
    if isinstance(error, BlockingIOError):
        return SSLWantReadError(SSL_ERROR_WANT_READ, "The operation did not complete (read)")
    if isinstance(error, ConnectionAbortedError):
        return SSLEOFError(SSL_ERROR_EOF, "EOF occurred in violation of protocol")
    if code:
        text = f"certificate verify failed: {text}"
        failed = SSLCertVerificationError(SSL_ERROR_SSL, f"[SSL: CERTIFICATE_VERIFY_FAILED] {text}")
        failed.library, failed.reason = "SSL", "CERTIFICATE_VERIFY_FAILED"
        failed.verify_code, failed.verify_message = code, error.strerror
        return failed
    if error.errno in (errno.EPROTO, errno.EINVAL):
        return SSLError(SSL_ERROR_SSL, f"[SSL] {text}")
    return error


def told(error):
    """As `translated`, for an error of a socket, which has no text of pywagi's yet."""
    if error.errno == errno.EPROTO:
        code, _, text = os.readlink("/.pywagi/net/error").partition(" ")
        error = OSError(error.errno, text)
        error.pywagi_code = int(code)
    return translated(error)


class MemoryBIO:
    """Bytes that were received, or are to be sent."""

    def __init__(self):
        self.held, self.has_end = bytearray(), False

    @property
    def pending(self):
        return len(self.held)

    @property
    def eof(self):
        return self.has_end and not self.held

    def read(self, size=-1):
        size = len(self.held) if size is None or size < 0 else size
        data = bytes(self.held[:size])
        del self.held[:size]
        return data

    def write(self, data):
        if self.has_end:
            raise SSLError(SSL_ERROR_SSL, "cannot write() after write_eof()")
        self.held += data
        return len(data)

    def write_eof(self):
        self.has_end = True


class SSLSession:
    """No session is resumed: a request knows nothing of those before it."""


def read_all(descriptor):
    said = b""
    while piece := os.read(descriptor, 1 << 16):
        said += piece
    return said


class Session:
    """A client's side of TLS, as `ssl` knows it."""

    session, session_reused, server_side = None, False, False

    def __init__(self, context, server_hostname, owner):
        self.context, self.server_hostname = context, server_hostname
        self.owner = owner
        self.agreed = None
        self.exchange, self.text = open_new("exchange")
        settings = context.settings(server_hostname)
        while settings:
            settings = settings[os.write(self.text, settings) :]

    def end_handshake(self):
        self.agreed = read_all(self.text).decode().split("\n")
        os.close(self.text)
        self.text = None

    # In a component these are the host's, and not known.
    def version(self):
        return self.agreed and self.agreed[0] or None

    def cipher(self):
        return (self.agreed[1], self.agreed[0], int(self.agreed[2])) if self.version() else None

    def shared_ciphers(self):
        return None

    def compression(self):
        return None

    def selected_alpn_protocol(self):
        return self.agreed and self.agreed[3] or None

    def selected_npn_protocol(self):
        return None

    def getpeercert(self, binary_form=False):
        if self.agreed is None:
            raise ValueError("handshake not done yet")
        certificates = self.agreed[4:]
        if binary_form:
            return a2b_base64(certificates[0]) if certificates else None
        if self.context.verify_mode == CERT_NONE:
            return {}
        exchange, text = open_new("exchange")
        try:
            asked("certificate", self.number, exchange)
            said = read_all(text).decode()
        finally:
            os.close(text)
        certificate = {}
        for line in said.split("\n"):
            field, name, value = line.split("\t")
            if not name:
                certificate[field] = int(value) if field == "version" else value
            else:
                entry = (name, value) if field == "subjectAltName" else ((name, value),)
                certificate[field] = (*certificate.get(field, ()), entry)
        return certificate

    def get_unverified_chain(self):
        return [a2b_base64(certificate) for certificate in self.agreed[4:]] if self.agreed else None

    def get_channel_binding(self, kind="tls-unique"):
        raise ValueError(f"{kind!r} channel binding type not implemented")

    verify_client_post_handshake = refuse("a certificate of the client's")

    def __del__(self):
        if self.text is not None:
            os.close(self.text)


class SocketSession(Session):
    """TLS over a connection: pywagi encrypts what the socket sends."""

    def __init__(self, context, owner, server_hostname):
        super().__init__(context, server_hostname, owner)
        self.socket = weakref.ref(owner)
        self.number = numbers[owner.fileno()]
        asked("secure", self.number, self.exchange)

    def do_handshake(self):
        if self.agreed is None:
            timeout = milliseconds(self.socket().gettimeout())
            try:
                asked("handshake", self.number, self.exchange, timeout)
            except TimeoutError:
                raise TimeoutError("_ssl.c: The handshake operation timed out") from None
            self.end_handshake()

    def read(self, size=1024, buffer=None):
        try:
            if buffer is None:
                return receive(self.socket(), size)
            return receive_into(self.socket(), buffer, size)
        except TimeoutError:
            raise TimeoutError("The read operation timed out") from None
        except OSError as error:
            raise told(error) from None

    def write(self, data):
        try:
            return send(self.socket(), data)
        except BlockingIOError:
            raise SSLWantWriteError(SSL_ERROR_WANT_WRITE, "The operation did not complete (write)") from None
        except TimeoutError:
            raise TimeoutError("The write operation timed out") from None
        except OSError as error:
            raise told(error) from None

    def pending(self):
        return int(ask("pending", self.number))

    def shutdown(self):
        asked("end", self.number)
        return self.socket()


receive, receive_into, send = _socket.socket.recv, _socket.socket.recv_into, _socket.socket.send


class MemorySession(Session):
    """TLS whose bytes the program moves itself."""

    def __init__(self, context, incoming, outgoing, server_hostname, owner):
        self.plain = self.wire = None
        super().__init__(context, server_hostname, owner)
        self.incoming, self.outgoing = incoming, outgoing
        try:
            self.number, self.plain = open_new("plain", self.exchange)
            _, self.wire = open_new("wire", self.number)
        except OSError as error:
            raise translated(error) from None

    def repeated(self, step):
        """`step`, again after more was received; what it has to send is sent."""
        while True:
            try:
                done = step()
            except BlockingIOError as error:
                self.move_out()
                if self.incoming.pending:
                    data = self.incoming.read()
                    while data:
                        data = data[os.write(self.wire, data) :]
                elif self.incoming.has_end:
                    asked("eof", self.number)
                    self.incoming.has_end = False
                else:
                    raise translated(error) from None
            except OSError as error:
                self.move_out()
                raise told(error) if not hasattr(error, "pywagi_code") else translated(error) from None
            else:
                self.move_out()
                return done

    def move_out(self):
        while data := os.read(self.wire, 1 << 16):
            self.outgoing.write(data)

    def do_handshake(self):
        if self.agreed is None:
            self.repeated(lambda: ask("handshake", self.number, self.exchange, 0))
            self.end_handshake()

    def read(self, size=1024, buffer=None):
        if buffer is None:
            return self.repeated(lambda: os.read(self.plain, size))
        with memoryview(buffer) as view:
            part = view.cast("B")[: size or None]
            return self.repeated(lambda: os.readv(self.plain, [part]))

    def write(self, data):
        with memoryview(data) as view:
            return self.repeated(lambda: os.write(self.plain, view)) if view.nbytes else 0

    def pending(self):
        return int(ask("pending", self.number))

    def shutdown(self):
        self.repeated(lambda: ask("end", self.number))

    def __del__(self):
        for descriptor in (self.wire, self.plain):
            if descriptor is not None:
                os.close(descriptor)
        super().__del__()


def asked(*words):
    try:
        return ask(*words)
    except OSError as error:
        raise translated(error) from None


class _SSLContext:
    """What connections have in common."""

    def __new__(cls, protocol, *_, **__):
        self = super().__new__(cls)
        self._protocol = protocol
        is_client = protocol == PROTOCOL_TLS_CLIENT
        if protocol in (PROTOCOL_TLSv1, PROTOCOL_TLSv1_1):
            raise ValueError("invalid or unsupported protocol version")
        self._check_hostname = is_client
        self._verify_mode = CERT_REQUIRED if is_client else CERT_NONE
        self._verify_flags = VERIFY_X509_TRUSTED_FIRST
        self._options = OP_ALL | OP_NO_SSLv3 | OP_CIPHER_SERVER_PREFERENCE | OP_ENABLE_MIDDLEBOX_COMPAT
        self._minimum, self._maximum = PROTO_TLSv1_2, PROTO_MAXIMUM_SUPPORTED
        self._roots, self._alpn, self._system = [], [], False
        # Without a certificate of the client's it makes no difference.
        self.post_handshake_auth = False
        return self

    def __init__(self, protocol=None, *_, **__):
        pass

    protocol = property(lambda self: self._protocol)
    _msg_callback = property(lambda self: None, lambda self, value: refuse("a callback for messages")())

    @property
    def check_hostname(self):
        return self._check_hostname

    @check_hostname.setter
    def check_hostname(self, value):
        if value and self._verify_mode == CERT_NONE:
            self._verify_mode = CERT_REQUIRED
        self._check_hostname = bool(value)

    @property
    def verify_mode(self):
        return self._verify_mode

    @verify_mode.setter
    def verify_mode(self, value):
        if value not in (CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED):
            raise ValueError("invalid value for verify_mode")
        if value == CERT_NONE and self._check_hostname:
            raise ValueError("Cannot set verify_mode to CERT_NONE when check_hostname is enabled.")
        self._verify_mode = value

    @property
    def verify_flags(self):
        return self._verify_flags

    @verify_flags.setter
    def verify_flags(self, value):
        if value & VERIFY_CRL_CHECK_CHAIN:
            refuse("a list of revoked certificates (CRL)")()
        self._verify_flags = value

    @property
    def options(self):
        return self._options

    @options.setter
    def options(self, value):
        self._options = value

    @property
    def minimum_version(self):
        return self._minimum

    @minimum_version.setter
    def minimum_version(self, value):
        self._minimum = max(version(value, PROTO_TLSv1_2), PROTO_TLSv1_2)

    @property
    def maximum_version(self):
        return self._maximum

    @maximum_version.setter
    def maximum_version(self, value):
        if version(value, PROTO_TLSv1_2) < PROTO_TLSv1_2:
            refuse("a version of TLS before 1.2")()
        self._maximum = value

    @property
    def _host_flags(self):
        return HOSTFLAG_NEVER_CHECK_SUBJECT

    @_host_flags.setter
    def _host_flags(self, value):
        if not value & HOSTFLAG_NEVER_CHECK_SUBJECT:
            refuse("the check of a certificate's common name")()

    def load_verify_locations(self, cafile=None, capath=None, cadata=None):
        if cafile is None and capath is None and cadata is None:
            raise TypeError("cafile, capath and cadata cannot be all omitted")
        texts = []
        if cafile is not None:
            texts.append(read(cafile))
        if capath is not None:
            texts += [read(os.path.join(capath, name)) for name in sorted(os.listdir(capath))]
        if isinstance(cadata, str):
            texts.append(cadata)
        elif cadata is not None:
            body = b2a_base64(cadata, newline=False).decode()
            texts.append(f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
        found = [text for text in texts if "-----BEGIN CERTIFICATE" in text]
        if not found and capath is None:
            raise SSLError(SSL_ERROR_SSL, "[X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate or crl found")
        self._roots += [text for text in found if text not in self._roots]

    def set_default_verify_paths(self):
        self._system = True
        for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
            if path := os.environ.get(variable):
                self.load_verify_locations(**{"cafile" if variable == "SSL_CERT_FILE" else "capath": path})

    def _set_alpn_protocols(self, encoded):
        self._alpn = []
        while encoded:
            size = encoded[0]
            self._alpn.append(bytes(encoded[1 : size + 1]).decode("ascii"))
            encoded = encoded[size + 1 :]

    def set_ciphers(self, ciphers):
        if not ciphers.startswith(("DEFAULT", "ALL", "HIGH")):
            refuse(f"a choice of ciphers ({ciphers!r}; rustls has those of TLS 1.2 and 1.3 that are held to be safe)")()

    def get_ca_certs(self, binary_form=False):
        if not binary_form:
            refuse("what certificates say (get_ca_certs(True) gives them in DER)")()
        parts = [part for text in self._roots for part in text.split("BEGIN CERTIFICATE-----")[1:]]
        return [a2b_base64(part.partition("-----END")[0]) for part in parts]

    def cert_store_stats(self):
        count = sum(text.count("-----BEGIN CERTIFICATE") for text in self._roots)
        return {"x509": count, "crl": 0, "x509_ca": count}

    def session_stats(self):
        return dict.fromkeys("number connect connect_good connect_renegotiate accept hits misses timeouts".split(), 0)

    def get_ciphers(self):
        names = "TLS_AES_256_GCM_SHA384 TLS_AES_128_GCM_SHA256 TLS_CHACHA20_POLY1305_SHA256"
        return [{"name": name, "protocol": "TLSv1.3"} for name in names.split()]

    load_cert_chain = refuse("a certificate of the client's")
    load_dh_params = refuse("Diffie-Hellman parameters")
    set_ecdh_curve = refuse("a choice of curves")
    set_psk_client_callback = set_psk_server_callback = refuse("a key that was shared before")
    sni_callback = property(lambda self: None, refuse("a callback for names"))

    def settings(self, server_hostname):
        """As pywagi takes them."""
        lowest, highest = self._minimum, version(self._maximum, PROTO_TLSv1_3)
        if self._options & OP_NO_TLSv1_2:
            lowest = PROTO_TLSv1_3
        if self._options & OP_NO_TLSv1_3:
            highest = PROTO_TLSv1_2
        verify = "none" if self._verify_mode == CERT_NONE else "name" if self._check_hostname else "chain"
        fields = {
            "name": quoted(server_hostname) if server_hostname else "null",
            "verify": quoted(verify),
            "system": "true" if self._system else "false",
            "roots": f"[{','.join(map(quoted, self._roots))}]",
            "alpn": f"[{','.join(map(quoted, self._alpn))}]",
            "minimum": quoted(VERSIONS[lowest]),
            "maximum": quoted(VERSIONS[highest]),
        }
        return f"{{{','.join(f'{quoted(name)}:{value}' for name, value in fields.items())}}}".encode()

    def _wrap_socket(self, sock, server_side, server_hostname=None, *, owner=None, session=None):
        self._check(server_side, server_hostname)
        return SocketSession(self, sock, server_hostname)

    def _wrap_bio(self, incoming, outgoing, server_side, server_hostname=None, *, owner=None, session=None):
        self._check(server_side, server_hostname)
        return MemorySession(self, incoming, outgoing, server_hostname, owner)

    def _check(self, server_side, server_hostname):
        if server_side:
            refuse("the server's side of TLS")()
        if self._check_hostname and not server_hostname:
            raise ValueError("check_hostname requires server_hostname")


VERSIONS = {PROTO_TLSv1_2: "TLSv1.2", PROTO_TLSv1_3: "TLSv1.3"}


def version(value, default):
    """A version, with one that is left to the library."""
    return default if value in (PROTO_MINIMUM_SUPPORTED, PROTO_MAXIMUM_SUPPORTED) else value


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def txt2obj(text, name=False):
    for oid, (nid, short, long) in OBJECTS.items():
        if text == oid or name and text in (short, long):
            return nid, short, long, oid
    raise ValueError(f"unknown object {text!r}")


def nid2obj(nid):
    for oid, (known, short, long) in OBJECTS.items():
        if nid == known:
            return nid, short, long, oid
    raise ValueError(f"unknown NID {nid}")


def get_default_verify_paths():
    return "SSL_CERT_FILE", "/etc/ssl/cert.pem", "SSL_CERT_DIR", "/etc/ssl/certs"


def RAND_bytes(size):
    return os.urandom(size)


def RAND_status():
    return True


def RAND_add(data, entropy):
    pass


_test_decode_cert = refuse("what a certificate says")
