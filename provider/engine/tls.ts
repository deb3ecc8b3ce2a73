/** TLS to an engine: its files, read and looked at before anything is sent, and what its failures mean. */
import { X509Certificate, createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { type ConnectionOptions, createSecureContext } from "node:tls";
import type { Endpoint, Tls, TlsFile } from "./endpoint";
import { type Obstacle, elsewhere, unreachable } from "./unreachable";

const certificatesIn = (pem: string): readonly X509Certificate[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (text) => new X509Certificate(text),
  );

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;
const day = (date: string) => new Date(date).toISOString().slice(0, 10);

/** Reads the files of TLS. Throws an error that names the file that is not right. */
export function readTls(endpoint: Endpoint, { ca, cert, key, skipVerify }: Tls): ConnectionOptions {
  const wrong = ({ path, saidBy }: TlsFile, reason: string, wayOut: string) =>
    unreachable(endpoint, { reason: `${path} (from ${saidBy}) ${reason}`, wayOut });

  const read = (file: TlsFile): string => {
    try {
      return readFileSync(file.path, "utf8");
    } catch (error) {
      throw codeOf(error) === "ENOENT"
        ? wrong(file, "is not there", "put it there, or name another")
        : wrong(file, `cannot be read: ${(error as Error).message}`, "make it readable, or name another");
    }
  };

  const readCertificates = (file: TlsFile) => {
    const pem = read(file);
    const [first] = (() => {
      try {
        return certificatesIn(pem);
      } catch {
        return [];
      }
    })();
    if (!first) throw wrong(file, "holds no certificate in PEM form", "name the file that does");
    if (Date.parse(first.validTo) < Date.now())
      throw wrong(file, `expired on ${day(first.validTo)}`, "have a new one made");
    if (Date.parse(first.validFrom) > Date.now())
      throw wrong(file, `is not valid before ${day(first.validFrom)}`, "look at this machine's clock");
    return { pem, first };
  };

  const readKey = (file: TlsFile) => {
    const pem = read(file);
    try {
      return { pem, key: createPrivateKey(pem) };
    } catch (error) {
      throw codeOf(error) === "ERR_MISSING_PASSPHRASE"
        ? wrong(file, "is encrypted, and nobody can be asked for its passphrase", "name a key without one")
        : wrong(file, "holds no private key in PEM form", "name the file that does");
    }
  };

  if (cert && !key) throw wrong(cert, "has no key with it", "name the key too");
  if (key && !cert) throw wrong(key, "has no certificate with it", "name the certificate too");
  const trusted = ca && readCertificates(ca);
  const shown = cert && key && { certificate: readCertificates(cert), key: readKey(key) };
  if (shown && !shown.certificate.first.checkPrivateKey(shown.key.key))
    throw wrong(key, `is not the key of ${cert.path}`, "name the two that belong together");
  const options = {
    ...(trusted && { ca: trusted.pem }),
    ...(shown && { cert: shown.certificate.pem, key: shown.key.pem }),
  };
  return { secureContext: createSecureContext(options), rejectUnauthorized: !skipVerify };
}

/** OpenSSL's reason without the place in its sources. */
const inWords = ({ message }: Error) => /SSL routines:[^:]*:([^:]+)/.exec(message)?.[1] ?? message.trim();

/** OpenSSL's and Node's codes, and what they say of the two ends. */
const meanings: readonly (readonly [code: RegExp, meaning: (tls: Tls, error: Error) => Obstacle])[] = [
  [
    /UNABLE_TO_VERIFY|SELF_SIGNED|UNABLE_TO_GET_ISSUER|CERT_SIGNATURE_FAILURE/,
    ({ ca }) => ({
      reason: ca
        ? `its certificate is not signed by the CA in ${ca.path} (from ${ca.saidBy})`
        : "its certificate is not signed by anybody this machine trusts",
      wayOut: "give the CA that signed it, or make sure that it is the engine you mean",
    }),
  ],
  [/CERT_HAS_EXPIRED/, () => ({ reason: "its certificate has expired", wayOut: "renew it on the engine's host" })],
  [/CERT_NOT_YET_VALID/, () => ({ reason: "its certificate is not valid yet", wayOut: "look at the clocks" })],
  [
    /ALTNAME_INVALID/,
    (_, error) => ({
      reason: `its certificate is for another name (${error.message})`,
      wayOut: "use a name or address that the certificate has",
    }),
  ],
  [
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNEXPECTED_MESSAGE|HTTP_REQUEST/,
    ({ ca, cert }) => ({
      reason: "it speaks no TLS there, but plain HTTP",
      wayOut: `take the certificates away${(ca ?? cert) ? ` (from ${(ca ?? cert)?.saidBy ?? ""})` : ""}, or have the engine speak TLS`,
    }),
  ],
  [/CERTIFICATE_EXPIRED/, ({ cert }) => refused(cert, "it says that the client's certificate has expired")],
  // The answer to a certificate comes after the handshake in TLS 1.3, and may be lost with the connection.
  [
    /ALERT|BAD_CERTIFICATE|UNKNOWN_CA|ECONNRESET|EPIPE/,
    ({ cert }, error) =>
      refused(
        cert,
        cert ? "it does not accept the client's certificate" : "it wants a client's certificate, and was given none",
        error,
      ),
  ],
];

const refused = (cert: TlsFile | undefined, reason: string, error?: Error): Obstacle => ({
  reason: `${reason}${cert ? ` ${cert.path} (from ${cert.saidBy})` : ""}${error ? `: ${inWords(error)}` : ""}`,
  wayOut: cert
    ? "give one that the engine's own CA signed"
    : "give one with the plugin option tls, or with DOCKER_TLS_VERIFY and DOCKER_CERT_PATH",
});

/** What a failure of TLS says, or nothing when it is none of TLS. */
export const tlsObstacle = (tls: Tls, error: Error): Obstacle | undefined =>
  // Some failures have no code of their own, and say it in their text.
  meanings.find(([code]) => code.test(`${codeOf(error) ?? ""} ${error.message.toUpperCase().replace(/ /g, "_")}`))?.[1](
    tls,
    error,
  );

/** What an engine that wants TLS answers to plain HTTP. */
export const wantsTls = (text: string): boolean => /HTTP request to an HTTPS server/i.test(text);

export const tlsWanted: Obstacle = {
  reason: "it speaks TLS there, and was spoken to in plain HTTP",
  wayOut: `give its certificates with the plugin option tls, or with DOCKER_TLS_VERIFY and DOCKER_CERT_PATH; or ${elsewhere}`,
};
