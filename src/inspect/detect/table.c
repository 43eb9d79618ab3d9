/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/bytes.h"
#include "inspect/detect/detect.h"

/* Of hits that begin at the same byte of a string the first is reported first: what encloses before what it encloses. */
const struct gb_detector gb_detectors[] = {
        {GB_CLASS_NAMING_LOOKUP, GB_BYTE_DOLLAR | GB_BYTE_COLON, gb_detect_naming_lookup},
        {GB_CLASS_DESERIALIZATION, UINT32_MAX, gb_detect_deserialization},
        {GB_CLASS_PROTOTYPE, GB_BYTE_OTHER | GB_BYTE_BRACKET | GB_BYTE_DOT | GB_BYTE_ALNUM, gb_detect_prototype},
        {GB_CLASS_TEMPLATE, GB_BYTE_BRACE | GB_BYTE_ANGLE | GB_BYTE_BRACKET | GB_BYTE_PAREN, gb_detect_template},
        {GB_CLASS_CODE_INJECTION,
                GB_BYTE_PAREN | GB_BYTE_ANGLE | GB_BYTE_DOLLAR | GB_BYTE_BRACKET | GB_BYTE_DOT | GB_BYTE_BRACE |
                        GB_BYTE_SPACE | GB_BYTE_BACKSLASH,
                gb_detect_code},
        {GB_CLASS_COMMAND_INJECTION,
                GB_BYTE_SEMICOLON | GB_BYTE_AMPERSAND | GB_BYTE_PIPE | GB_BYTE_BACKTICK | GB_BYTE_DOLLAR |
                        GB_BYTE_NEWLINE | GB_BYTE_ANGLE | GB_BYTE_PAREN | GB_BYTE_BACKSLASH | GB_BYTE_BRACE |
                        GB_BYTE_SINGLE | GB_BYTE_DOUBLE | GB_BYTE_GLOB | GB_BYTE_PERCENT | GB_BYTE_EQUAL |
                        GB_BYTE_BRACKET | GB_BYTE_OTHER | GB_BYTE_COLON | GB_BYTE_SLASH,
                gb_detect_command},
        {GB_CLASS_NOSQL_INJECTION,
                GB_BYTE_DOLLAR | GB_BYTE_SINGLE | GB_BYTE_DOUBLE | GB_BYTE_PIPE | GB_BYTE_AMPERSAND |
                        GB_BYTE_SEMICOLON | GB_BYTE_BRACE | GB_BYTE_PAREN | GB_BYTE_NEWLINE | GB_BYTE_GLOB |
                        GB_BYTE_BACKTICK | GB_BYTE_COLON | GB_BYTE_OTHER | GB_BYTE_ALNUM,
                gb_detect_nosql},
        {GB_CLASS_DIRECTORY_QUERY,
                GB_BYTE_BACKSLASH | GB_BYTE_PAREN | GB_BYTE_SINGLE | GB_BYTE_DOUBLE | GB_BYTE_BRACKET | GB_BYTE_PIPE |
                        GB_BYTE_GLOB | GB_BYTE_COLON | GB_BYTE_DOLLAR,
                gb_detect_directory},
        {GB_CLASS_SQL_INJECTION, GB_BYTE_ALNUM | GB_BYTE_SINGLE | GB_BYTE_DOUBLE | GB_BYTE_BACKTICK, gb_detect_sql},
        {GB_CLASS_FILE_INCLUSION, GB_BYTE_SLASH | GB_BYTE_BACKSLASH | GB_BYTE_DOT | GB_BYTE_COLON, gb_detect_file},
        {GB_CLASS_XML_ENTITY, GB_BYTE_ANGLE, gb_detect_xml},
        {GB_CLASS_SERVER_REQUEST, GB_BYTE_SLASH | GB_BYTE_BACKSLASH | GB_BYTE_COLON | GB_BYTE_DOT,
                gb_detect_server_request},
        {GB_CLASS_XSS,
                GB_BYTE_ANGLE | GB_BYTE_SINGLE | GB_BYTE_DOUBLE | GB_BYTE_BACKTICK | GB_BYTE_PAREN | GB_BYTE_BRACKET |
                        GB_BYTE_EQUAL | GB_BYTE_PLUS | GB_BYTE_DOT,
                gb_detect_xss},
        {GB_CLASS_CSV_INJECTION, GB_BYTE_PAREN | GB_BYTE_PIPE | GB_BYTE_EQUAL | GB_BYTE_DOUBLE | GB_BYTE_BACKSLASH,
                gb_detect_csv},
        {GB_CLASS_FORGED_TOKEN, GB_BYTE_DOT, gb_detect_forged_token},
        {GB_CLASS_HEADER_INJECTION, GB_BYTE_NEWLINE | GB_BYTE_CONTROL | GB_BYTE_HIGH, gb_detect_header_injection},
        {GB_CLASS_REDIRECT, GB_BYTE_SLASH | GB_BYTE_BACKSLASH | GB_BYTE_COLON, gb_detect_redirect},
        {GB_CLASS_GRAPHQL, GB_BYTE_BRACE, gb_detect_graphql},
};

const size_t gb_detector_count = sizeof(gb_detectors) / sizeof(gb_detectors[0]);
