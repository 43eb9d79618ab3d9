/* SPDX-License-Identifier: Apache-2.0 */
/* cmd/gambeson/policy_file: policies as files, documents and compiled ones. What is wrong is complained about in SELF's
 * name. */
#ifndef GB_CMD_POLICY_FILE_H
#define GB_CMD_POLICY_FILE_H

#include "cmd/gambeson/commands.h"
#include "policyc/policyc.h"

/* All of the file. Result: enum gb_exit; *ret_data is the caller's to free. */
int gb_policy_file_read(const struct gb_command *self, const char *path, char **ret_data, size_t *ret_n);

/* A policy that was compiled; else it is a document. */
bool gb_policy_file_is_compiled(struct gb_span file);

/* Read the list files that a document of a set names. 0 or a negative errno with DIAG. */
int gb_policy_load_lists(struct gb_policyc_document *document, struct gb_diag *diag);

/* TEXT, which PATH holds, as it is in force now for the function that it names, with the files that it names. Result: enum gb_exit, GB_EXIT_FINDINGS when the
 * document is wrong; *ret_document is the caller's to free. */
int gb_policy_file_document(const struct gb_command *self, const char *path, struct gb_span text,
        struct gb_policyc_document **ret_document);

/* The document of a compiled policy, which PATH holds. Whose signature it bears is not asked. Result: enum gb_exit. */
int gb_policy_file_unpack(const struct gb_command *self, const char *path, struct gb_span file,
        struct gb_policyc_document **ret_document);

/* The compiled policy in PATH, or that of the document there, as an agent would load it. Whose signature it bears is not
 * asked. Result: enum gb_exit, GB_EXIT_USAGE when it is wrong; *ret_blob is the caller's to free. */
int gb_policy_file_compile(const struct gb_command *self, const char *path, unsigned char **ret_blob, size_t *ret_n);

#endif
