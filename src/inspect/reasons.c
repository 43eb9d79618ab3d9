/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/inspect.h"

/* Reasons that are surer, or less sure, than most. A `*` stands for all that begin so. */
static const char high[] =
        "code_edge_include code_object_walk code_server_include csv_dynamic_exchange file_wrapper header_line "
        "jndi_* ldap_filter_break_out nosql_quote_break_out object_* path_nul path_traversal_deep "
        "path_traversal_hidden path_traversal_target prototype_* request_crafted_scheme request_disguised_address "
        "request_metadata_service shell_compound shell_disguised_command shell_field_separator shell_fork_bomb "
        "shell_function_import shell_network_device shell_separator_disguised "
        "shell_substitution_disguised shell_substitution_nested sql_boolean_condition sql_catalog "
        "sql_into_file sql_stacked_statement sql_time_delay sql_union_select ssi_exec template_capability "
        "template_constant_computed template_object_walk token_* xml_entity_expansion "
        "xml_external_entity xml_include xml_nested_entity xpath_break_out xss_attribute_breakout "
        "xss_encoded_markup xss_event_handler xss_script_element";

static const char low[] =
        "code_environment_named code_name_called code_result_printed code_variable_called csv_constant_computed "
        "csv_reference graphql_* "
        "ldap_operator_in_value ldap_probe object_function object_typed_json path_traversal_value redirect_* "
        "file_remote "
        "request_internal_* request_loopback shell_command_list shell_newline_shape shell_program_command sql_collate "
        "sql_expression sql_columns sql_having sql_into_variable sql_join sql_limit sql_operator_expression "
        "sql_operator_string sql_order_by "
        "sql_statement_end sql_values template_function_called template_literal_member template_method_called "
        "template_probe xml_link_scheme "
        "xml_schema_location xss_data_binding xss_form_target xss_style xss_template_expression";

static bool is_listed(const char *list, struct gb_span reason)
{
	struct gb_span rest = gb_span_cstr(list);

	while (rest.n != 0) {
		size_t blank = gb_span_find_byte(rest, ' ', 0);
		struct gb_span row = gb_span_sub(rest, 0, blank);

		if (gb_span_ends(row, GB_SPAN("*")) ? gb_span_starts(reason, gb_span_sub(row, 0, row.n - 1))
		                                    : gb_span_equal(reason, row))
			return true;
		rest = blank == SIZE_MAX ? GB_SPAN_EMPTY : gb_span_sub(rest, blank + 1, SIZE_MAX);
	}
	return false;
}

enum gb_confidence gb_inspect_reason_confidence(struct gb_span reason)
{
	if (is_listed(low, reason))
		return GB_CONFIDENCE_LOW;
	return is_listed(high, reason) ? GB_CONFIDENCE_HIGH : GB_CONFIDENCE_MEDIUM;
}
