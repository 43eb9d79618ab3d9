// SPDX-License-Identifier: Apache-2.0
// A custom runtime in C++: libcurl in a loop. The handler is in function.cpp.
#include "function.h"

#include <curl/curl.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <strings.h>

static size_t take_body(char *data, size_t size, size_t count, void *to)
{
	static_cast<std::string *>(to)->append(data, size * count);
	return size * count;
}

static size_t take_header(char *data, size_t size, size_t count, void *to)
{
	static const std::string name = "lambda-runtime-aws-request-id:";
	std::string line(data, size * count);

	if (strncasecmp(line.c_str(), name.c_str(), name.size()) == 0) {
		size_t from = line.find_first_not_of(' ', name.size());
		*static_cast<std::string *>(to) = line.substr(from, line.find_last_not_of("\r\n") + 1 - from);
	}
	return size * count;
}

/* POST when there is a BODY, else GET; the request id of the answer goes to *ret_id. */
static std::string ask(CURL *curl, const std::string &url, const std::string *body, std::string *ret_id)
{
	std::string answer;
	curl_slist *headers = curl_slist_append(nullptr, "Content-Type: application/json");

	curl_easy_reset(curl);
	curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, ret_id);
	if (body) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size()));
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->c_str());
		curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	}
	CURLcode code = curl_easy_perform(curl);
	curl_slist_free_all(headers);
	if (code != CURLE_OK)
		throw std::runtime_error(curl_easy_strerror(code));
	return answer;
}

static std::string dump(json_t *value)
{
	std::unique_ptr<char, decltype(&free)> text(json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT), free);

	json_decref(value);
	return text ? text.get() : "null";
}

static std::string answer_to(const std::string &text, std::string &end)
{
	json_error_t error;
	std::unique_ptr<json_t, decltype(&json_decref)> event(
	        json_loadb(text.data(), text.size(), JSON_DECODE_ANY | JSON_ALLOW_NUL, &error), json_decref);

	try {
		if (!event)
			throw std::invalid_argument(error.text);
		end = "response";
		return dump(handle(event.get()));
	} catch (const std::exception &caught) {
		end = "error";
		return dump(json_pack("{s:s,s:s}", "errorType", "Error", "errorMessage", caught.what()));
	}
}

int main()
{
	const std::string api =
	        std::string("http://") + getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/";
	CURL *curl = curl_easy_init();

	try {
		for (;;) {
			std::string id, ignored, end;
			std::string event = ask(curl, api + "next", nullptr, &id);
			std::string answer = answer_to(event, end);
			ask(curl, api + id + "/" + end, &answer, &ignored);
		}
	} catch (const std::exception &caught) {
		std::cerr << "runtime: " << caught.what() << std::endl;
		return 1;
	}
}
