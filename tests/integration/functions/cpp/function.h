/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FUNCTION_H
#define FUNCTION_H

#include <jansson.h>

#include <map>
#include <string>
#include <vector>

/* The answer to EVENT, a new reference; a thrown std::exception is the function's own error. */
json_t *handle(json_t *event);

/* Run a program: its output, its exit status (-1: it did not start). ENVIRONMENT nullptr: this process's own. */
std::string run(const std::vector<std::string> &command, const std::string &input,
        const std::map<std::string, std::string> *environment, int *ret_status);

std::string read_file(const std::string &path);
void write_file(const std::string &path, const std::string &text);

/* load.cpp: threads, big files, signals, TLS. */
json_t *threads(int count);
std::string bulk(size_t bytes);
int signals(int count);
std::string secure();

#endif
