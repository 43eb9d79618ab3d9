# SPDX-License-Identifier: Apache-2.0
"""Records into a Kafka topic, by Debian's librdkafka: no Python package of it is needed."""

import ctypes

_RECORD_COPY = 2
_PARTITION_ANY = -1
_QUEUE_FULL = -184

_library = None


def library():
    global _library
    if _library is None:
        _library = ctypes.CDLL("librdkafka.so.1")
        for name in ("conf_new", "new", "topic_new", "err2str"):
            getattr(_library, "rd_kafka_" + name).restype = ctypes.c_void_p
        _library.rd_kafka_err2str.restype = ctypes.c_char_p
        _library.rd_kafka_produce.argtypes = [ctypes.c_void_p, ctypes.c_int32, ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t,
                                              ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p]
        _library.rd_kafka_topic_new.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    return _library


class Producer:
    """Every record is taken once, in order, by all of the topic's replicas, or flush() fails."""

    def __init__(self, address, topic, **settings):
        kafka, text = library(), ctypes.create_string_buffer(512)
        settings = {"bootstrap.servers": address, "enable.idempotence": "true", "message.max.bytes": "20000000",
                    "queue.buffering.max.messages": "1000000", "log_level": "3", **settings}
        conf = ctypes.c_void_p(kafka.rd_kafka_conf_new())
        for name, value in settings.items():
            assert kafka.rd_kafka_conf_set(conf, name.encode(), value.encode(), text, ctypes.c_size_t(512)) == 0, text.value
        self.failures = []
        # struct rd_kafka_message_s begins with the error.
        report = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.POINTER(ctypes.c_int), ctypes.c_void_p)
        self.report = report(lambda _kafka, message, _opaque: message[0] and self.failures.append(message[0]))
        kafka.rd_kafka_conf_set_dr_msg_cb(conf, self.report)
        self.handle = ctypes.c_void_p(kafka.rd_kafka_new(0, conf, text, ctypes.c_size_t(512)))
        assert self.handle.value, text.value
        self.topic = ctypes.c_void_p(kafka.rd_kafka_topic_new(self.handle, topic.encode(), None))

    def put(self, value, key=None, partition=_PARTITION_ANY):
        kafka = library()
        while kafka.rd_kafka_produce(self.topic, partition, _RECORD_COPY, value, len(value), key, len(key or b""), None) != 0:
            error = kafka.rd_kafka_last_error()
            assert error == _QUEUE_FULL, kafka.rd_kafka_err2str(error)
            kafka.rd_kafka_poll(self.handle, 100)

    def flush(self, seconds=60):
        assert library().rd_kafka_flush(self.handle, int(seconds * 1000)) == 0, "the broker does not take it"
        assert not self.failures, library().rd_kafka_err2str(self.failures[0])

    def close(self):
        library().rd_kafka_topic_destroy(self.topic)
        library().rd_kafka_destroy(self.handle)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                self.flush()
        finally:
            self.close()
