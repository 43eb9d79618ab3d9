/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/inspect.h"

#define ROW(text)                                                                                                      \
	{                                                                                                              \
		(const unsigned char *)(text), sizeof(text) - 1                                                        \
	}

/* Reasons that are surer, or less sure, than most. */
static const struct gb_span low[] = {
        ROW("code_environment_named"),
        ROW("code_name_called"),
        ROW("code_result_printed"),
        ROW("code_variable_called"),
        ROW("csv_constant_computed"),
        ROW("csv_reference"),
        ROW("ldap_operator_in_value"),
        ROW("ldap_probe"),
        ROW("object_function"),
        ROW("object_typed_json"),
        ROW("path_traversal_value"),
        ROW("file_remote"),
        ROW("request_loopback"),
        ROW("shell_command_list"),
        ROW("shell_newline_shape"),
        ROW("shell_program_command"),
        ROW("sql_collate"),
        ROW("sql_expression"),
        ROW("sql_columns"),
        ROW("sql_having"),
        ROW("sql_into_variable"),
        ROW("sql_join"),
        ROW("sql_limit"),
        ROW("sql_operator_expression"),
        ROW("sql_operator_string"),
        ROW("sql_order_by"),
        ROW("sql_statement_end"),
        ROW("sql_values"),
        ROW("template_function_called"),
        ROW("template_literal_member"),
        ROW("template_method_called"),
        ROW("template_probe"),
        ROW("xml_link_scheme"),
        ROW("xml_schema_location"),
        ROW("xss_data_binding"),
        ROW("xss_form_target"),
        ROW("xss_style"),
        ROW("xss_template_expression"),
};
static const struct gb_span high[] = {
        ROW("code_edge_include"),
        ROW("code_object_walk"),
        ROW("code_server_include"),
        ROW("csv_dynamic_exchange"),
        ROW("file_wrapper"),
        ROW("header_line"),
        ROW("ldap_filter_break_out"),
        ROW("nosql_quote_break_out"),
        ROW("path_nul"),
        ROW("path_traversal_deep"),
        ROW("path_traversal_hidden"),
        ROW("path_traversal_target"),
        ROW("request_crafted_scheme"),
        ROW("request_disguised_address"),
        ROW("request_metadata_service"),
        ROW("shell_compound"),
        ROW("shell_disguised_command"),
        ROW("shell_field_separator"),
        ROW("shell_fork_bomb"),
        ROW("shell_function_import"),
        ROW("shell_network_device"),
        ROW("shell_separator_disguised"),
        ROW("shell_substitution_disguised"),
        ROW("shell_substitution_nested"),
        ROW("sql_boolean_condition"),
        ROW("sql_catalog"),
        ROW("sql_into_file"),
        ROW("sql_stacked_statement"),
        ROW("sql_time_delay"),
        ROW("sql_union_select"),
        ROW("ssi_exec"),
        ROW("template_capability"),
        ROW("template_constant_computed"),
        ROW("template_object_walk"),
        ROW("xml_entity_expansion"),
        ROW("xml_external_entity"),
        ROW("xml_include"),
        ROW("xml_nested_entity"),
        ROW("xpath_break_out"),
        ROW("xss_attribute_breakout"),
        ROW("xss_encoded_markup"),
        ROW("xss_event_handler"),
        ROW("xss_script_element"),
};

/* All that begin so, unless they have a row above. */
static const struct {
	struct gb_span begin;
	enum gb_confidence confidence;
} families[] = {
        {ROW("graphql_"), GB_CONFIDENCE_LOW},
        {ROW("redirect_"), GB_CONFIDENCE_LOW},
        {ROW("request_internal_"), GB_CONFIDENCE_LOW},
        {ROW("jndi_"), GB_CONFIDENCE_HIGH},
        {ROW("object_"), GB_CONFIDENCE_HIGH},
        {ROW("prototype_"), GB_CONFIDENCE_HIGH},
        {ROW("token_"), GB_CONFIDENCE_HIGH},
};

static bool is_listed(const struct gb_span *rows, size_t count, struct gb_span reason)
{
	for (size_t i = 0; i < count; i++)
		if (gb_span_equal(rows[i], reason))
			return true;
	return false;
}

enum gb_confidence gb_inspect_reason_confidence(struct gb_span reason)
{
	if (is_listed(low, sizeof(low) / sizeof(low[0]), reason))
		return GB_CONFIDENCE_LOW;
	if (is_listed(high, sizeof(high) / sizeof(high[0]), reason))
		return GB_CONFIDENCE_HIGH;
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (gb_span_starts(reason, families[i].begin))
			return families[i].confidence;
	return GB_CONFIDENCE_MEDIUM;
}
