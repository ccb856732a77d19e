#pragma once
// Private keys under a passphrase, and what a key is.
#include <openssl/asn1t.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <string.h>

// The bytes of a passphrase, for a callback of OpenSSL.
typedef struct {
  const void *bytes;
  int count;
} vitrine_passphrase;

static inline int vitrine_give_passphrase(char *buffer, int size, int writing, void *data) {
  (void)writing;
  const vitrine_passphrase *passphrase = (const vitrine_passphrase *)data;
  // Without a function OpenSSL would ask on the terminal.
  if (!passphrase || passphrase->count > size) return -1;
  memcpy(buffer, passphrase->bytes, (size_t)passphrase->count);
  return passphrase->count;
}

// A private key from PEM; `passphrase` may be NULL: then an encrypted one is not read.
static inline EVP_PKEY *vitrine_read_private_key(BIO *source, const void *bytes, int count) {
  vitrine_passphrase passphrase = {bytes, count};
  return PEM_read_bio_PrivateKey(source, NULL, vitrine_give_passphrase, bytes ? &passphrase : NULL);
}

// Writes a key as EncryptedPrivateKeyInfo (RFC 5958) in PEM: PBES2 with PBKDF2-HMAC-SHA-256, a salt of 16 bytes, AES-256-CBC.
// PEM_write_bio_PKCS8PrivateKey would do only 2048 rounds. 1 if it was written.
static inline int vitrine_write_encrypted_key(BIO *sink, EVP_PKEY *key, const void *bytes, int count, int rounds) {
  int good = 0;
  unsigned char salt[16];
  PKCS8_PRIV_KEY_INFO *plain = EVP_PKEY2PKCS8(key);
  X509_SIG *encrypted = NULL;
  if (plain && RAND_bytes(salt, sizeof salt) == 1) {
    encrypted = PKCS8_encrypt(NID_hmacWithSHA256, EVP_aes_256_cbc(), (const char *)bytes, count, salt, sizeof salt,
                              rounds, plain);
    good = encrypted && PEM_write_bio_PKCS8(sink, encrypted) == 1;
  }
  X509_SIG_free(encrypted);
  // Wipes the key's bytes.
  PKCS8_PRIV_KEY_INFO_free(plain);
  return good;
}

// How much work an algorithm of PBES2 takes, in rounds of PBKDF2 or steps of scrypt; 0 if it is another one.
static inline uint64_t vitrine_derivation_work(const X509_ALGOR *algorithm) {
  uint64_t work = 0;
  if (!algorithm || OBJ_obj2nid(algorithm->algorithm) != NID_pbes2) return 0;
  PBE2PARAM *scheme = (PBE2PARAM *)ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), algorithm->parameter);
  if (!scheme) return 0;
  if (OBJ_obj2nid(scheme->keyfunc->algorithm) == NID_id_pbkdf2) {
    PBKDF2PARAM *rounds =
        (PBKDF2PARAM *)ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), scheme->keyfunc->parameter);
    if (rounds && ASN1_INTEGER_get_uint64(&work, rounds->iter) != 1) work = UINT64_MAX;
    PBKDF2PARAM_free(rounds);
  } else if (OBJ_obj2nid(scheme->keyfunc->algorithm) == NID_id_scrypt) {
    SCRYPT_PARAMS *costs =
        (SCRYPT_PARAMS *)ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(SCRYPT_PARAMS), scheme->keyfunc->parameter);
    uint64_t n, r, p;
    if (costs) {
      int known = ASN1_INTEGER_get_uint64(&n, costs->costParameter) == 1 &&
                  ASN1_INTEGER_get_uint64(&r, costs->blockSize) == 1 &&
                  ASN1_INTEGER_get_uint64(&p, costs->parallelizationParameter) == 1 && n < 1 << 30 && r < 1 << 10 &&
                  p < 1 << 20;
      work = known ? n * r * p : UINT64_MAX;
    }
    SCRYPT_PARAMS_free(costs);
  }
  PBE2PARAM_free(scheme);
  return work;
}

// The work that the first encrypted key of a PEM text asks for; 0 if none can be found.
static inline uint64_t vitrine_pem_work(BIO *source) {
  X509_SIG *encrypted = PEM_read_bio_PKCS8(source, NULL, NULL, NULL);
  const X509_ALGOR *algorithm = NULL;
  if (!encrypted) return 0;
  X509_SIG_get0(encrypted, &algorithm, NULL);
  uint64_t work = vitrine_derivation_work(algorithm);
  X509_SIG_free(encrypted);
  return work;
}

// The largest work that a PKCS#12 file asks for, its check of integrity included; 0 if none can be found.
static inline uint64_t vitrine_pkcs12_work(PKCS12 *file) {
  uint64_t most = 0, work;
  const ASN1_INTEGER *rounds = NULL;
  PKCS12_get0_mac(NULL, NULL, NULL, &rounds, file);
  if (rounds && (ASN1_INTEGER_get_uint64(&most, rounds) != 1)) return UINT64_MAX;
  STACK_OF(PKCS7) *parts = PKCS12_unpack_authsafes(file);
  for (int i = 0; parts && i < sk_PKCS7_num(parts); i++) {
    PKCS7 *part = sk_PKCS7_value(parts, i);
    if (PKCS7_type_is_encrypted(part)) {
      work = vitrine_derivation_work(part->d.encrypted->enc_data->algorithm);
      if (work > most) most = work;
      continue;
    }
    STACK_OF(PKCS12_SAFEBAG) *bags = PKCS7_type_is_data(part) ? PKCS12_unpack_p7data(part) : NULL;
    for (int j = 0; bags && j < sk_PKCS12_SAFEBAG_num(bags); j++) {
      const X509_ALGOR *algorithm = NULL;
      const PKCS12_SAFEBAG *bag = sk_PKCS12_SAFEBAG_value(bags, j);
      if (PKCS12_SAFEBAG_get_nid(bag) != NID_pkcs8ShroudedKeyBag) continue;
      X509_SIG_get0(PKCS12_SAFEBAG_get0_pkcs8(bag), &algorithm, NULL);
      work = vitrine_derivation_work(algorithm);
      if (work > most) most = work;
    }
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
  }
  sk_PKCS7_pop_free(parts, PKCS7_free);
  return most;
}

// Whether an RSA key's public exponent is odd and above 2^16, as FIPS 186-5, appendix A.1.1, asks: with 1 everybody can sign.
static inline int vitrine_has_good_exponent(const EVP_PKEY *key) {
  BIGNUM *exponent = NULL;
  if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) != 1) return 0;
  int good = BN_is_odd(exponent) && BN_num_bits(exponent) > 16;
  BN_free(exponent);
  return good;
}

// Whether an elliptic curve is given by its parameters and not by its name.
static inline int vitrine_has_explicit_curve(const EVP_PKEY *key) {
  int explicitly = 0;
  return EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &explicitly) == 1 && explicitly;
}

// The group of an elliptic curve's key; "" if it has no name.
static inline void vitrine_group(const EVP_PKEY *key, char *name, size_t size) {
  size_t length;
  name[0] = 0;
  if (EVP_PKEY_get_group_name(key, name, size, &length) != 1) name[0] = 0;
}
