/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/inspect.h"

static const struct gb_class_facts classes[_GB_CLASS_MAX] = {
        [GB_CLASS_NONE] = {"low", "none", "", "", 0},
        [GB_CLASS_COMMAND_INJECTION] = {"critical", "cmdi", "Command Injection Attack", "T1059", 78},
        [GB_CLASS_CODE_INJECTION] = {"critical", "codei", "Code Injection Attack", "T1059", 94},
        [GB_CLASS_CSV_INJECTION] = {"low", "csvi", "CSV Injection Attack", "T1059", 1236},
        [GB_CLASS_FILE_INCLUSION] = {"high", "lfi", "Local File Inclusion Attack", "T1083", 22},
        [GB_CLASS_NOSQL_INJECTION] = {"high", "nosqli", "NoSql Injection Attack", "T1190", 943},
        [GB_CLASS_SQL_INJECTION] = {"high", "sqli", "SQL Injection Attack", "T1190", 89},
        [GB_CLASS_XSS] = {"medium", "xss", "XSS Injection Attack", "T1059.007", 79},
        [GB_CLASS_XML_ENTITY] = {"high", "xxe", "XML External Entity Attack", "T1190", 611},
        [GB_CLASS_SERVER_REQUEST] = {"high", "ssrf", "Server-Side Request Forgery Attack", "T1552.005", 918},
        [GB_CLASS_TEMPLATE] = {"critical", "ssti", "Template Injection Attack", "T1059", 1336},
        [GB_CLASS_DIRECTORY_QUERY] = {"high", "ldapi", "LDAP or XPath Injection Attack", "T1190", 90},
        [GB_CLASS_DESERIALIZATION] = {"critical", "deser", "Deserialization Attack", "T1190", 502},
        [GB_CLASS_NAMING_LOOKUP] = {"critical", "jndi", "JNDI Lookup Attack", "T1190", 917},
        [GB_CLASS_PROTOTYPE] = {"high", "proto", "Prototype Pollution Attack", "T1190", 1321},
        [GB_CLASS_HEADER_INJECTION] = {"medium", "crlf", "Header Injection Attack", "T1190", 113},
        [GB_CLASS_REDIRECT] = {"low", "redirect", "Open Redirect Attack", "T1566", 601},
        [GB_CLASS_FORGED_TOKEN] = {"high", "jwt", "Forged Token Attack", "T1550.001", 347},
        [GB_CLASS_GRAPHQL] = {"medium", "graphql", "GraphQL Abuse", "T1499", 770},
};

static const char *const shapes[_GB_SHAPE_MAX] = {
        [GB_SHAPE_OTHER] = "other",
        [GB_SHAPE_NOT_JSON] = "not_json",
        [GB_SHAPE_API_GATEWAY_V1] = "api_gateway_v1",
        [GB_SHAPE_API_GATEWAY_V2] = "api_gateway_v2",
        [GB_SHAPE_FUNCTION_URL] = "function_url",
        [GB_SHAPE_WEBSOCKET] = "websocket",
        [GB_SHAPE_AUTHORIZER] = "authorizer",
        [GB_SHAPE_ALB] = "alb",
        [GB_SHAPE_VPC_LATTICE] = "vpc_lattice",
        [GB_SHAPE_CLOUDFRONT] = "cloudfront",
        [GB_SHAPE_APPSYNC] = "appsync",
        [GB_SHAPE_APPSYNC_AUTHORIZER] = "appsync_authorizer",
        [GB_SHAPE_S3] = "s3",
        [GB_SHAPE_S3_OBJECT_LAMBDA] = "s3_object_lambda",
        [GB_SHAPE_S3_BATCH] = "s3_batch",
        [GB_SHAPE_SQS] = "sqs",
        [GB_SHAPE_SNS] = "sns",
        [GB_SHAPE_EVENTBRIDGE] = "eventbridge",
        [GB_SHAPE_KINESIS] = "kinesis",
        [GB_SHAPE_FIREHOSE] = "firehose",
        [GB_SHAPE_DYNAMODB] = "dynamodb",
        [GB_SHAPE_KAFKA] = "kafka",
        [GB_SHAPE_ACTIVEMQ] = "activemq",
        [GB_SHAPE_RABBITMQ] = "rabbitmq",
        [GB_SHAPE_CLOUDWATCH_LOGS] = "cloudwatch_logs",
        [GB_SHAPE_CLOUDWATCH_ALARM] = "cloudwatch_alarm",
        [GB_SHAPE_COGNITO] = "cognito",
        [GB_SHAPE_COGNITO_SYNC] = "cognito_sync",
        [GB_SHAPE_IOT] = "iot",
        [GB_SHAPE_IOT_AUTHORIZER] = "iot_authorizer",
        [GB_SHAPE_LEX_V1] = "lex_v1",
        [GB_SHAPE_LEX_V2] = "lex_v2",
        [GB_SHAPE_SES] = "ses",
        [GB_SHAPE_CONNECT] = "connect",
        [GB_SHAPE_ALEXA] = "alexa",
        [GB_SHAPE_BEDROCK_AGENT] = "bedrock_agent",
        [GB_SHAPE_CLOUDEVENTS] = "cloudevents",
        [GB_SHAPE_STEP_FUNCTIONS] = "step_functions",
        [GB_SHAPE_CLOUDFORMATION] = "cloudformation",
        [GB_SHAPE_CONFIG] = "config",
        [GB_SHAPE_CODECOMMIT] = "codecommit",
        [GB_SHAPE_CODEPIPELINE] = "codepipeline",
        [GB_SHAPE_SECRETS_ROTATION] = "secrets_rotation",
        [GB_SHAPE_CLIENT_VPN] = "client_vpn",
};

static const char *const source_trusts[_GB_SOURCE_MAX] = {
        [GB_SOURCE_UNKNOWN] = "unknown",
        [GB_SOURCE_MESSAGE] = "message",
        [GB_SOURCE_LAST_HOP] = "last_hop",
        [GB_SOURCE_PLATFORM] = "platform",
};

static const char *const origins[_GB_ORIGIN_MAX] = {
        [GB_ORIGIN_VALUE] = "value",
        [GB_ORIGIN_KEY] = "key",
        [GB_ORIGIN_PATH] = "path",
        [GB_ORIGIN_QUERY] = "query",
        [GB_ORIGIN_HEADER] = "header",
        [GB_ORIGIN_COOKIE] = "cookie",
        [GB_ORIGIN_BODY] = "body",
        [GB_ORIGIN_MESSAGE] = "message",
        [GB_ORIGIN_OBJECT_KEY] = "object_key",
};

const char *gb_inspect_version(void)
{
	return GB_VERSION;
}

const struct gb_class_facts *gb_inspect_class_facts(enum gb_attack_class attack_class)
{
	return (size_t)attack_class < _GB_CLASS_MAX ? &classes[attack_class] : &classes[GB_CLASS_NONE];
}

enum gb_attack_class gb_inspect_class_of_code(struct gb_span code)
{
	for (int c = GB_CLASS_NONE + 1; c < _GB_CLASS_MAX; c++)
		if (gb_span_equal(code, gb_span_cstr(classes[c].code)))
			return (enum gb_attack_class)c;
	return GB_CLASS_NONE;
}

static const char *const confidences[_GB_CONFIDENCE_MAX] = {
        [GB_CONFIDENCE_LOW] = "low",
        [GB_CONFIDENCE_MEDIUM] = "medium",
        [GB_CONFIDENCE_HIGH] = "high",
};

const char *gb_inspect_confidence_name(enum gb_confidence confidence)
{
	return (size_t)confidence < _GB_CONFIDENCE_MAX ? confidences[confidence] : confidences[GB_CONFIDENCE_LOW];
}

static const struct {
	const char *name, *text;
} limits[_GB_LIMIT_MAX] = {
        [GB_LIMIT_OTHER] = {"limit_other", "what is behind a limit"},
        [GB_LIMIT_BYTES] = {"limit_bytes", "what is behind the largest size that is held"},
        [GB_LIMIT_STEPS] = {"limit_steps", "text that needs more work than its length allows"},
        [GB_LIMIT_DEPTH] = {"limit_depth", "where strings stand that are nested deeper than 64 levels"},
        [GB_LIMIT_LAYERS] = {"limit_layers", "text encoded more than 8 times"},
        [GB_LIMIT_NESTING] = {"limit_nesting", "structures nested deeper in each other than 20"},
        [GB_LIMIT_EXPANSION] = {"limit_expansion", "data that unpacks to more than a hundred times its size"},
        [GB_LIMIT_MEMORY] = {"limit_memory", "encoded text for which there was no room"},
};

const char *gb_inspect_limit_name(enum gb_inspect_limit limit)
{
	return limits[(size_t)limit < _GB_LIMIT_MAX ? limit : GB_LIMIT_OTHER].name;
}

const char *gb_inspect_limit_text(enum gb_inspect_limit limit)
{
	return limits[(size_t)limit < _GB_LIMIT_MAX ? limit : GB_LIMIT_OTHER].text;
}

const char *gb_inspect_shape_name(enum gb_event_shape shape)
{
	return (size_t)shape < _GB_SHAPE_MAX ? shapes[shape] : shapes[GB_SHAPE_OTHER];
}

bool gb_inspect_shape_is_http(enum gb_event_shape shape)
{
	switch ((unsigned)shape) {
	case GB_SHAPE_API_GATEWAY_V1:
	case GB_SHAPE_API_GATEWAY_V2:
	case GB_SHAPE_FUNCTION_URL:
	case GB_SHAPE_WEBSOCKET:
	case GB_SHAPE_ALB:
	case GB_SHAPE_VPC_LATTICE: return true;
	default: return false;
	}
}

const char *gb_inspect_origin_name(enum gb_origin origin)
{
	return (size_t)origin < _GB_ORIGIN_MAX ? origins[origin] : origins[GB_ORIGIN_VALUE];
}

enum gb_event_shape gb_inspect_shape_of_name(struct gb_span name)
{
	int shape = 0;

	while (shape < _GB_SHAPE_MAX && !gb_span_equal(name, gb_span_cstr(shapes[shape])))
		shape++;
	return (enum gb_event_shape)shape;
}

const char *gb_inspect_source_trust_name(enum gb_source_trust trust)
{
	return (size_t)trust < _GB_SOURCE_MAX ? source_trusts[trust] : source_trusts[GB_SOURCE_UNKNOWN];
}
