// SPDX-License-Identifier: Apache-2.0
// Threads, big files, signals, TLS.
#include "function.h"

#include <openssl/evp.h>
#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

/* A socket that listens on loopback, and its address. */
static int listen_on_loopback(sockaddr_in *ret_address)
{
	socklen_t length = sizeof(*ret_address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*ret_address = {};
	ret_address->sin_family = AF_INET;
	ret_address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, reinterpret_cast<sockaddr *>(ret_address), length) < 0 || listen(fd, 50) < 0 ||
	        getsockname(fd, reinterpret_cast<sockaddr *>(ret_address), &length) < 0)
		throw std::runtime_error("listen");
	return fd;
}

static int connect_to(const sockaddr_in &address)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, reinterpret_cast<const sockaddr *>(&address), sizeof(address)) < 0)
		throw std::runtime_error("connect");
	return fd;
}

static std::string one_thread(int number, const sockaddr_in &address)
{
	const std::string path = "/tmp/thread-" + std::to_string(number) + ".txt";
	char pong[64];
	int status;

	for (int round = 0; round < 50; round++) {
		const std::string text = std::to_string(number) + " " + std::to_string(round);
		write_file(path, text);
		if (read_file(path) != text)
			return "another text";
	}
	unlink(path.c_str());
	std::string out = run({"/bin/echo", "child", std::to_string(number)}, "", nullptr, &status);
	int fd = connect_to(address);
	ssize_t n = read(fd, pong, sizeof(pong));
	close(fd);
	return out + std::string(pong, n < 0 ? 0 : static_cast<size_t>(n));
}

/* Each of COUNT threads writes files, reads them back, starts a program and connects. */
json_t *threads(int count)
{
	std::vector<std::string> answers(static_cast<size_t>(count));
	std::vector<std::thread> running;
	sockaddr_in address;
	int server = listen_on_loopback(&address);
	json_t *list = json_array();

	for (int i = 0; i < count; i++)
		running.emplace_back(
		        [i, &answers, &address] { answers[static_cast<size_t>(i)] = one_thread(i, address); });
	for (int i = 0; i < count; i++) {
		int fd = accept4(server, nullptr, nullptr, SOCK_CLOEXEC);
		if (write(fd, "pong", 4) != 4)
			answers[0] = "no pong";
		close(fd);
	}
	for (std::thread &thread : running)
		thread.join();
	close(server);
	for (const std::string &answer : answers)
		json_array_append_new(list, json_string(answer.c_str()));
	return list;
}

/* A file of BYTES is written, summed up, cut, renamed and removed. */
std::string bulk(size_t bytes)
{
	std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> sum(EVP_MD_CTX_new(), EVP_MD_CTX_free);
	std::string block(1 << 20, '\0');
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	size_t size = 0;

	for (size_t i = 0; i < block.size(); i++)
		block[i] = static_cast<char>(i * 7);
	std::ofstream out("/tmp/bulk", std::ios::binary);
	for (size_t written = 0; written < bytes; written += block.size())
		out << block;
	out.close();
	EVP_DigestInit_ex(sum.get(), EVP_sha256(), nullptr);
	std::ifstream in("/tmp/bulk", std::ios::binary);
	while (in.read(block.data(), static_cast<std::streamsize>(block.size())) || in.gcount() > 0) {
		EVP_DigestUpdate(sum.get(), block.data(), static_cast<size_t>(in.gcount()));
		size += static_cast<size_t>(in.gcount());
	}
	EVP_DigestFinal_ex(sum.get(), digest, &length);
	if (truncate("/tmp/bulk", 5) < 0 || rename("/tmp/bulk", "/tmp/bulk2") < 0 || unlink("/tmp/bulk2") < 0)
		throw std::runtime_error("bulk");
	std::string text = std::to_string(size) + " ";
	for (unsigned i = 0; i < length; i++)
		text += "0123456789abcdef"[digest[i] >> 4], text += "0123456789abcdef"[digest[i] & 15];
	return text;
}

static std::atomic<int> arrived;

/* COUNT signals to the own process while files are opened. */
int signals(int count)
{
	auto before = std::signal(SIGUSR1, [](int) { arrived++; });

	arrived = 0;
	for (int i = 0; i < count; i++) {
		kill(getpid(), SIGUSR1);
		(void)read_file("/proc/self/stat");
		while (arrived <= i)
			usleep(100);
	}
	std::signal(SIGUSR1, before);
	return arrived;
}

/* A TLS server and a client that trusts its certificate, on loopback. */
std::string secure()
{
	const char *certificate = "/opt/certificates/certificate.pem";
	std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> there(SSL_CTX_new(TLS_server_method()), SSL_CTX_free),
	        here(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
	sockaddr_in address;
	int server = listen_on_loopback(&address);
	char text[64];

	if (SSL_CTX_use_certificate_file(there.get(), certificate, SSL_FILETYPE_PEM) != 1 ||
	        SSL_CTX_use_PrivateKey_file(there.get(), "/opt/certificates/key.pem", SSL_FILETYPE_PEM) != 1 ||
	        SSL_CTX_load_verify_locations(here.get(), certificate, nullptr) != 1)
		throw std::runtime_error("certificate");
	SSL_CTX_set_verify(here.get(), SSL_VERIFY_PEER, nullptr);
	std::thread serving([&there, server] {
		int fd = accept4(server, nullptr, nullptr, SOCK_CLOEXEC);
		SSL *ssl = SSL_new(there.get());
		SSL_set_fd(ssl, fd);
		if (SSL_accept(ssl) == 1)
			SSL_write(ssl, "secure", 6);
		SSL_shutdown(ssl);
		SSL_free(ssl);
		close(fd);
	});
	int fd = connect_to(address);
	SSL *ssl = SSL_new(here.get());
	SSL_set_fd(ssl, fd);
	int n = SSL_connect(ssl) == 1 ? SSL_read(ssl, text, sizeof(text)) : 0;
	std::string answer = std::string(text, n < 0 ? 0 : static_cast<size_t>(n)) + " " + SSL_get_version(ssl);
	SSL_free(ssl);
	close(fd);
	serving.join();
	close(server);
	return answer;
}
