// SPDX-License-Identifier: Apache-2.0
// The C++ function of the integration tests: what it does is asked for by the event. Vulnerable on purpose.
#include "function.h"

#include <curl/curl.h>

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <spawn.h>
#include <sstream>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

std::string read_file(const std::string &path)
{
	std::ifstream in(path, std::ios::binary);
	std::ostringstream text;

	if (!in)
		throw std::runtime_error(path + ": " + strerror(errno));
	text << in.rdbuf();
	return text.str();
}

void write_file(const std::string &path, const std::string &text)
{
	std::ofstream out(path, std::ios::binary);

	out << text << std::flush;
	if (!out)
		throw std::runtime_error(path + ": " + strerror(errno));
}

std::string run(const std::vector<std::string> &command, const std::string &input,
        const std::map<std::string, std::string> *environment, int *ret_status)
{
	std::vector<std::string> variables;
	std::vector<char *> arguments, envp;
	int in[2], out[2], status = -1, error;
	posix_spawn_file_actions_t actions;
	std::string text;
	char buffer[4096];
	pid_t pid;

	for (const std::string &word : command)
		arguments.push_back(const_cast<char *>(word.c_str()));
	arguments.push_back(nullptr);
	if (environment)
		for (const auto &[name, value] : *environment)
			variables.push_back(name + "=" + value);
	for (std::string &variable : variables)
		envp.push_back(variable.data());
	envp.push_back(nullptr);
	*ret_status = -1;
	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		throw std::runtime_error(strerror(errno));
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in[0], 0);
	posix_spawn_file_actions_adddup2(&actions, out[1], 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	error = posix_spawnp(
	        &pid, arguments[0], &actions, nullptr, arguments.data(), environment ? envp.data() : environ);
	posix_spawn_file_actions_destroy(&actions);
	close(in[0]);
	close(out[1]);
	if (error == 0 && write(in[1], input.data(), input.size()) < 0)
		text = ""; // it does not read
	close(in[1]);
	for (ssize_t n; error == 0 && (n = read(out[0], buffer, sizeof(buffer))) > 0;)
		text.append(buffer, static_cast<size_t>(n));
	close(out[0]);
	if (error != 0)
		throw std::runtime_error(strerror(error));
	waitpid(pid, &status, 0);
	*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return text;
}

static std::string shell(const std::string &text)
{
	int status;

	return run({"/bin/sh", "-c", text}, "", nullptr, &status);
}

// "What does the document at this address say?" The address goes to a shell.
static std::string convert(const std::string &address)
{
	return shell("curl --silent --max-time 2 -L " + address + " | cat -");
}

static json_t *text_of(const std::string &text)
{
	return json_stringn_nocheck(text.data(), text.size());
}

static std::string field(json_t *of, const char *name)
{
	json_t *value = json_object_get(of, name);

	return json_is_string(value) ? std::string(json_string_value(value), json_string_length(value)) : "";
}

static json_t *spawn(json_t *event)
{
	std::vector<std::string> command;
	std::map<std::string, std::string> environment;
	json_t *word, *variable, *env = json_object_get(event, "env");
	const char *name;
	size_t i;
	int status;

	json_array_foreach(json_object_get(event, "command"), i, word) command.push_back(json_string_value(word));
	json_object_foreach(env, name, variable) environment[name] = json_string_value(variable);
	try {
		std::string out = run(command, field(event, "input"), env ? &environment : nullptr, &status);
		return json_pack("{s:i,s:o}", "status", status, "out", text_of(out));
	} catch (const std::runtime_error &error) {
		return json_pack("{s:s,s:s}", "out", "", "error", error.what());
	}
}

static json_t *connect_to(int port)
{
	sockaddr_in address = {};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char answer[64];
	ssize_t n = -1;

	address.sin_family = AF_INET;
	address.sin_port = htons(static_cast<uint16_t>(port));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(fd, reinterpret_cast<sockaddr *>(&address), sizeof(address)) == 0 && write(fd, "ping", 4) == 4)
		n = read(fd, answer, sizeof(answer));
	std::string text = n < 0 ? strerror(errno) : std::string(answer, static_cast<size_t>(n));
	close(fd);
	return text_of(text);
}

static json_t *operation(json_t *event)
{
	const std::string op = field(event, "op");
	const auto number = [event](const char *name) { return json_integer_value(json_object_get(event, name)); };

	if (op == "big")
		return text_of(std::string(static_cast<size_t>(number("bytes")), 'x'));
	if (op == "throw")
		throw std::invalid_argument(field(event, "message"));
	if (op == "log")
		std::cout << field(event, "text") << std::endl;
	if (op == "file")
		write_file(field(event, "path"), field(event, "text"));
	if (op == "file" || op == "read")
		return text_of(read_file(field(event, "path")));
	if (op == "spawn")
		return spawn(event);
	if (op == "connect")
		return connect_to(static_cast<int>(number("port")));
	if (op == "threads")
		return threads(static_cast<int>(number("count")));
	if (op == "bulk")
		return text_of(bulk(static_cast<size_t>(number("bytes"))));
	if (op == "signals")
		return json_integer(signals(static_cast<int>(number("count"))));
	if (op == "tls")
		return text_of(secure());
	return json_incref(event);
}

static std::string unquoted(std::string text)
{
	int n = 0;

	for (char &c : text)
		c = c == '+' ? ' ' : c;
	char *plain = curl_easy_unescape(nullptr, text.c_str(), static_cast<int>(text.size()), &n);
	text.assign(plain, static_cast<size_t>(n));
	curl_free(plain);
	return text;
}

json_t *handle(json_t *event)
{
	json_t *record = json_array_get(json_object_get(event, "Records"), 0),
	       *query = json_object_get(event, "queryStringParameters");

	if (field(record, "eventSource") == "aws:sqs") {
		json_t *body = json_loads(field(record, "body").c_str(), 0, nullptr);
		std::string address = field(body, "document_url");
		json_decref(body);
		return json_pack("{s:o}", "converted", text_of(convert(address)));
	}
	if (field(record, "eventSource") == "aws:s3") {
		std::string key = unquoted(field(json_object_get(json_object_get(record, "s3"), "object"), "key"));
		return json_pack("{s:o}", "listed", text_of(shell("ls -d /tmp/" + key + " 2>/dev/null || echo none")));
	}
	if (json_object_get(query, "document_url"))
		return json_pack(
		        "{s:i,s:o}", "statusCode", 200, "body", text_of(convert(field(query, "document_url"))));
	if (json_object_get(query, "file"))
		return json_pack("{s:i,s:o}", "statusCode", 200, "body",
		        text_of(read_file("/opt/test/functions/cpp/docs/" + field(query, "file"))));
	return json_is_object(event) ? operation(event) : json_incref(event);
}
