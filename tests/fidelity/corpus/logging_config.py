#: stderr 40 root ERROR shown
import logging.config

logging.config.dictConfig({
    "version": 1,
    "formatters": {"f": {"format": "%(levelno)d %(name)s %(levelname)s %(message)s", "datefmt": "%H"}},
    "handlers": {
        "h": {"class": "logging.StreamHandler", "formatter": "f", "level": "ERROR"},
        "file": {"class": "logging.FileHandler", "filename": "/data/log", "formatter": "f"},
    },
    "root": {"handlers": ["h", "file"], "level": "INFO"},
})
logging.info("only in the file")
logging.error("shown")
