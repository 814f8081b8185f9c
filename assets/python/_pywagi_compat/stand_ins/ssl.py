"""Stands for `ssl`: its names, contexts that can be set up as clients do before they connect, and no TLS."""

import enum
import errno
import socket as _socket

NO_TLS = "no TLS in this sandbox, and no network; pywagi gives a route both by `allowed_hosts` in modules.toml"


class SSLError(OSError):
    library = reason = None


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


CertificateError = SSLCertVerificationError
socket_error = OSError


def refuse(*_, **__):
    raise SSLError(errno.ENOTSUP, NO_TLS)


def exported(kind, name, members):
    """An enumeration whose members are names of this module, too."""
    members = [(member, int(value)) for member, value in (word.split("=") for word in members.split())]
    made = kind(name, members, module=__name__)
    globals().update(made.__members__)
    return made


_SSLMethod = exported(
    enum.IntEnum,
    "_SSLMethod",
    "PROTOCOL_TLS=2 PROTOCOL_SSLv23=2 PROTOCOL_TLSv1=3 PROTOCOL_TLSv1_1=4 PROTOCOL_TLSv1_2=5 PROTOCOL_TLS_CLIENT=16"
    " PROTOCOL_TLS_SERVER=17",
)
VerifyMode = exported(enum.IntEnum, "VerifyMode", "CERT_NONE=0 CERT_OPTIONAL=1 CERT_REQUIRED=2")
VerifyFlags = exported(
    enum.IntFlag,
    "VerifyFlags",
    "VERIFY_DEFAULT=0 VERIFY_CRL_CHECK_LEAF=4 VERIFY_CRL_CHECK_CHAIN=12 VERIFY_X509_STRICT=32"
    " VERIFY_X509_TRUSTED_FIRST=32768 VERIFY_X509_PARTIAL_CHAIN=524288",
)
Options = exported(
    enum.IntFlag,
    "Options",
    "OP_ALL=-2147483568 OP_NO_SSLv2=0 OP_LEGACY_SERVER_CONNECT=4 OP_NO_TICKET=16384 OP_NO_COMPRESSION=131072"
    " OP_ENABLE_MIDDLEBOX_COMPAT=1048576 OP_CIPHER_SERVER_PREFERENCE=4194304 OP_SINGLE_DH_USE=0 OP_SINGLE_ECDH_USE=0"
    " OP_NO_SSLv3=33554432 OP_NO_TLSv1=67108864 OP_NO_TLSv1_2=134217728 OP_NO_TLSv1_1=268435456"
    " OP_NO_TLSv1_3=536870912 OP_NO_RENEGOTIATION=1073741824",
)
AlertDescription = exported(
    enum.IntEnum, "AlertDescription", "ALERT_DESCRIPTION_HANDSHAKE_FAILURE=40 ALERT_DESCRIPTION_INTERNAL_ERROR=80"
)
SSLErrorNumber = exported(
    enum.IntEnum,
    "SSLErrorNumber",
    "SSL_ERROR_SSL=1 SSL_ERROR_WANT_READ=2 SSL_ERROR_WANT_WRITE=3 SSL_ERROR_WANT_X509_LOOKUP=4 SSL_ERROR_SYSCALL=5"
    " SSL_ERROR_ZERO_RETURN=6 SSL_ERROR_WANT_CONNECT=7 SSL_ERROR_EOF=8 SSL_ERROR_INVALID_ERROR_CODE=10",
)


class TLSVersion(enum.IntEnum):
    MINIMUM_SUPPORTED = -2
    SSLv3 = 768
    TLSv1 = 769
    TLSv1_1 = 770
    TLSv1_2 = 771
    TLSv1_3 = 772
    MAXIMUM_SUPPORTED = -1


class Purpose(enum.Enum):
    SERVER_AUTH = "1.3.6.1.5.5.7.3.1"
    CLIENT_AUTH = "1.3.6.1.5.5.7.3.2"


OPENSSL_VERSION, OPENSSL_VERSION_NUMBER, OPENSSL_VERSION_INFO = "none", 0, (0, 0, 0, 0, 0)
HAS_ALPN = HAS_ECDH = HAS_NEVER_CHECK_COMMON_NAME = HAS_NPN = HAS_SNI = False
HAS_SSLv2 = HAS_SSLv3 = HAS_TLSv1 = HAS_TLSv1_1 = HAS_TLSv1_2 = HAS_TLSv1_3 = False
CHANNEL_BINDING_TYPES = []
_DEFAULT_CIPHERS = ""


class SSLContext:
    sslobject_class = sslsocket_class = None
    check_hostname, verify_mode, verify_flags = False, VerifyMode.CERT_NONE, VerifyFlags.VERIFY_DEFAULT
    options, post_handshake_auth, keylog_filename = Options.OP_NO_SSLv3, False, None
    minimum_version, maximum_version = TLSVersion.MINIMUM_SUPPORTED, TLSVersion.MAXIMUM_SUPPORTED

    def __init__(self, protocol=None, *_, **__):
        self.protocol = protocol

    def set_up(self, *_, **__):
        pass

    load_cert_chain = load_default_certs = load_dh_params = load_verify_locations = set_alpn_protocols = set_up
    set_ciphers = set_default_verify_paths = set_ecdh_curve = set_npn_protocols = set_servername_callback = set_up
    wrap_socket = wrap_bio = refuse

    def get_ca_certs(self, binary_form=False):
        return []

    get_ciphers = get_ca_certs


class SSLSession:
    pass


class SSLObject:
    __init__ = refuse


class MemoryBIO:
    __init__ = refuse


class SSLSocket(_socket.socket):
    __init__ = refuse


def create_default_context(purpose=Purpose.SERVER_AUTH, *, cafile=None, capath=None, cadata=None):
    return SSLContext(PROTOCOL_TLS_CLIENT)  # noqa: F821


def _create_unverified_context(*_, **__):
    return SSLContext(PROTOCOL_TLS_CLIENT)  # noqa: F821


_create_default_https_context = create_default_context
DER_cert_to_PEM_cert = PEM_cert_to_DER_cert = RAND_bytes = cert_time_to_seconds = get_default_verify_paths = refuse
get_server_certificate = match_hostname = wrap_socket = refuse
