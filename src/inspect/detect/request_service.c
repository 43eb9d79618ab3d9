/* SPDX-License-Identifier: Apache-2.0 */
/* Which ports, paths and names belong to services that are not meant for everybody. */
#include "inspect/bytes.h"
#include "inspect/detect/request.h"

/* Ports of services that no browser has business with; above them, where developers run servers of their own. */
static const uint16_t service_ports[] = {1099, 1433, 1521, 2049, 2181, 2375, 2376, 2379, 2380, 3306, 3389, 4194, 4369,
        4848, 5432, 5601, 5672, 5984, 5985, 6379, 6443, 7001, 7474, 8009, 8086, 8088, 8125, 8161, 8200, 8300, 8500,
        8983, 9001, 9042, 9090, 9092, 9093, 9100, 9200, 9222, 9229, 9300, 9901, 10250, 10255, 10256, 11211, 11434,
        15672, 16010, 27017, 27018, 50070, 61616};

/* Words in paths by which servers are managed, watched and debugged. */
static const char *const management[] = {"admin", "administrator", "console", "manager", "manage", "management",
        "actuator", "metrics", "internal", "debug", "script", "scripttext", "jolokia", "heapdump", "server-status",
        "server-info", "nginx_status", "_cat", "_catalog", "_search", "_cluster", "_nodes", "_all_dbs", "solr",
        "phpmyadmin", "jmx-console", "web-console", "druid", "grafana", "prometheus", "kibana", "secrets", "shutdown",
        "wp-admin", "env", "pods", "containers", "jenkins", "config", "private", "keys", "agent", "flag"};

/* A port that answers others than browsers. */
bool gb_request_is_service_port(uint32_t port)
{
	for (size_t i = 0; i < sizeof(service_ports) / sizeof(service_ports[0]); i++)
		if (service_ports[i] == port)
			return true;
	return port != 0 && port < 1024 && port != 80 && port != 443;
}

/* One of the first three segments of an address' path. */
bool gb_request_is_management(struct gb_span rest)
{
	size_t at = 0;

	for (unsigned n = 0; n < 3 && at < rest.n && (rest.p[at] == '/' || rest.p[at] == '\\'); n++) {
		size_t start = ++at;

		while (at < rest.n && gb_bytes_find(GB_SPAN("/\\?#.;)"), rest.p[at], 0) == SIZE_MAX)
			at++;
		for (size_t i = 0; i < sizeof(management) / sizeof(management[0]); i++)
			if (gb_span_equal_nocase(gb_span_sub(rest, start, at - start), gb_span_cstr(management[i])))
				return true;
	}
	return false;
}

/* jenkins.internal: the first label of a name in a zone of one's own. */
bool gb_request_is_management_name(struct gb_span host)
{
	for (size_t i = 0; i < sizeof(management) / sizeof(management[0]); i++)
		if (gb_span_equal_nocase(
		            gb_span_sub(host, 0, gb_bytes_find(host, '.', 0)), gb_span_cstr(management[i])))
			return true;
	return false;
}
