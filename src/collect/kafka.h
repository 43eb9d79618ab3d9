/* SPDX-License-Identifier: Apache-2.0 */
/* collect/kafka: what the files of the Kafka source share. Private to collect. */
#ifndef GB_COLLECT_KAFKA_H
#define GB_COLLECT_KAFKA_H

#include "collect/pull.h"

#include <librdkafka/rdkafka.h>

/* The library's settings of SETTINGS; *ret_conf is the caller's. -EINVAL with DIAG, which holds no value of a property; -ENOMEM. */
__attribute__((warn_unused_result)) int kafka_conf_make(
        const struct gb_collect_kafka *settings, rd_kafka_conf_t **ret_conf, struct gb_diag *diag);

static inline void kafka_list_freep(rd_kafka_topic_partition_list_t **list)
{
	if (*list != NULL)
		rd_kafka_topic_partition_list_destroy(*list);
}

#endif
