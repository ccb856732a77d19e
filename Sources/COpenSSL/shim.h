#pragma once
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "cms.h"
#include "keys.h"

// What OpenSSL offers as macros only, which Swift does not see.

static inline EVP_PKEY *vitrine_p256_key(void) { return EVP_EC_gen("P-256"); }

// The certificate of the only signer of a verified message; NULL if there are none or several. Not owned by the caller.
static inline X509 *vitrine_only_signer(CMS_ContentInfo *cms) {
  STACK_OF(X509) *signers = CMS_get0_signers(cms);
  X509 *only = signers && sk_X509_num(signers) == 1 ? sk_X509_value(signers, 0) : NULL;
  if (signers) sk_X509_free(signers);
  return only;
}

// Adds an extension to a certificate that is its own issuer. 1 if it was added.
static inline int vitrine_add_extension(X509 *certificate, int nid, const char *value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
  if (!extension) return 0;
  int added = X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  return added;
}

// Writes a name on one line, letters beyond ASCII as they are. 1 if it was written.
static inline int vitrine_print_name(BIO *sink, const X509_NAME *name) {
  return X509_NAME_print_ex(sink, name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB) >= 0;
}
