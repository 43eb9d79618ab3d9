/* SPDX-License-Identifier: Apache-2.0 */
#include "web/state.h"

#include "base/cleanup.h"
#include "base/fd.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <string.h>
#include <sys/stat.h>

#define PEM_MAX          (256u * 1024u)
#define CERTIFICATES_MAX 16u

static void forget(struct gb_span *pem)
{
	if (pem->p != NULL)
		explicit_bzero((void *)(uintptr_t)pem->p, pem->n);
	free((void *)(uintptr_t)pem->p);
	*pem = GB_SPAN_EMPTY;
}

static int read_pem(const char *path, struct gb_span *ret_pem, struct timespec *ret_changed, struct gb_diag *diag)
{
	struct stat status;
	char *data;
	size_t n;
	int r;

	if (stat(path, &status) < 0)
		return gb_diag_set(diag, -errno, 0, 0, "cannot read %s: %s", path, strerror(errno));
	r = gb_fd_read_file(path, PEM_MAX, &data, &n);
	if (r < 0)
		return gb_diag_set(diag, r, 0, 0, "cannot read %s: %s", path, strerror(-r));
	*ret_pem = gb_span_of(data, n);
	*ret_changed = status.st_mtim;
	return 0;
}

static bool has_changed(const char *path, struct timespec since)
{
	struct stat status;

	return stat(path, &status) == 0 &&
	       (status.st_mtim.tv_sec != since.tv_sec || status.st_mtim.tv_nsec != since.tv_nsec);
}

static gnutls_datum_t datum_of(struct gb_span pem)
{
	return (gnutls_datum_t){(unsigned char *)(uintptr_t)pem.p, (unsigned)pem.n};
}

/* Whether the two belong together, so that a half-written pair does not take the place of a good one. */
static int check_pair(struct gb_span chain, struct gb_span key, const char *chain_path, struct gb_diag *diag)
{
	gnutls_certificate_credentials_t credentials = NULL;
	gnutls_datum_t chain_datum = datum_of(chain), key_datum = datum_of(key);
	int r = gnutls_certificate_allocate_credentials(&credentials);

	if (r < 0)
		return gb_diag_set(diag, -ENOMEM, 0, 0, "memory is short");
	r = gnutls_certificate_set_x509_key_mem(credentials, &chain_datum, &key_datum, GNUTLS_X509_FMT_PEM);
	gnutls_certificate_free_credentials(credentials);
	if (r < 0)
		return gb_diag_set(diag, -EINVAL, 0, 0, "the certificate %s or its key is wrong: %s", chain_path,
		        gnutls_strerror(r));
	return 0;
}

int gb_web_certificate_read(
        struct gb_web_certificate *certificate, const char *chain_path, const char *key_path, struct gb_diag *diag)
{
	struct gb_span chain = GB_SPAN_EMPTY, key = GB_SPAN_EMPTY;
	struct timespec chain_changed, key_changed;
	int r;

	if (certificate->chain.n > 0 && !has_changed(chain_path, certificate->chain_changed) &&
	        !has_changed(key_path, certificate->key_changed))
		return 1;
	r = read_pem(chain_path, &chain, &chain_changed, diag);
	if (r == 0)
		r = read_pem(key_path, &key, &key_changed, diag);
	if (r == 0)
		r = check_pair(chain, key, chain_path, diag);
	if (r == 0) {
		struct gb_span old_chain = certificate->chain, old_key = certificate->key;

		pthread_mutex_lock(&certificate->lock);
		certificate->chain = chain;
		certificate->key = key;
		pthread_mutex_unlock(&certificate->lock);
		certificate->chain_changed = chain_changed;
		certificate->key_changed = key_changed;
		chain = old_chain;
		key = old_key;
	}
	forget(&chain);
	forget(&key);
	return r;
}

void gb_web_certificate_done(struct gb_web_certificate *certificate)
{
	forget(&certificate->chain);
	forget(&certificate->key);
}

/* Under the lock. What is handed out is GnuTLS' to free (GNUTLS_CERT_RETR_DEINIT_ALL). */
static int import(const struct gb_web_certificate *certificate, gnutls_pcert_st **ret_list, unsigned *ret_count,
        gnutls_privkey_t *ret_key)
{
	gnutls_datum_t chain = datum_of(certificate->chain), pem = datum_of(certificate->key);
	gnutls_pcert_st *list = gnutls_calloc(CERTIFICATES_MAX, sizeof(*list));
	gnutls_privkey_t key = NULL;
	unsigned count = CERTIFICATES_MAX;

	if (list == NULL)
		return -1;
	if (gnutls_pcert_list_import_x509_raw(list, &count, &chain, GNUTLS_X509_FMT_PEM, 0) < 0) {
		gnutls_free(list);
		return -1;
	}
	if (gnutls_privkey_init(&key) < 0 ||
	        gnutls_privkey_import_x509_raw(key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0) < 0) {
		gnutls_privkey_deinit(key);
		for (unsigned i = 0; i < count; i++)
			gnutls_pcert_deinit(&list[i]);
		gnutls_free(list);
		return -1;
	}
	*ret_list = list;
	*ret_count = count;
	*ret_key = key;
	return 0;
}

/* In the handshake, on the event loop's thread. */
static int retrieve(gnutls_session_t session, const struct gnutls_cert_retr_st *info, gnutls_pcert_st **ret_list,
        unsigned *ret_count, gnutls_ocsp_data_st **ret_ocsp, unsigned *ret_ocsp_count, gnutls_privkey_t *ret_key,
        unsigned *ret_flags)
{
	struct MHD_Connection *mhd = gnutls_session_get_ptr(session);
	const union MHD_ConnectionInfo *context =
	        mhd != NULL ? MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT) : NULL;
	const struct gb_web_connection *connection = context != NULL ? context->socket_context : NULL;
	struct gb_web_certificate *certificate;
	int r;

	(void)info;
	if (connection == NULL)
		return -1;
	certificate = &connection->server->certificate;
	pthread_mutex_lock(&certificate->lock);
	r = import(certificate, ret_list, ret_count, ret_key);
	pthread_mutex_unlock(&certificate->lock);
	*ret_ocsp = NULL;
	*ret_ocsp_count = 0;
	*ret_flags = GNUTLS_CERT_RETR_DEINIT_ALL;
	return r;
}

void *gb_web_certificate_callback(void)
{
	gnutls_certificate_retrieve_function3 *callback = retrieve;

	return (void *)(uintptr_t)callback;
}
