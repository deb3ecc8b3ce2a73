/** Certificates, good and bad, made with the openssl command. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Certificates {
  readonly dir: string;
  /** The path of `name.pem`. */
  pem(name: CertificateName): string;
  /** The path of the key of `name.pem`. */
  key(name: CertificateName): string;
}

/** `server` and `client` are signed by `ca`; `stranger` by `otherca`; `expired` by `ca`, and out of date. */
export type CertificateName = "ca" | "otherca" | "server" | "client" | "stranger" | "expired";

const asAuthority =
  "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nserial=serial.txt\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n";

export function makeCertificates(dir: string): Certificates {
  const openssl = (...args: readonly string[]) => execFileSync("openssl", args, { cwd: dir, stdio: "pipe" });
  const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"] as const;

  const authority = (name: string) =>
    openssl("req", "-x509", ...ec, "-subj", `/CN=${name}`, "-keyout", `${name}-key.pem`, "-out", `${name}.pem`);
  const request = (name: string) =>
    openssl("req", ...ec, "-subj", `/CN=${name}`, "-keyout", `${name}-key.pem`, "-out", `${name}.csr`);
  const signed = (name: string, by: string, extensions: string) => {
    request(name);
    writeFileSync(join(dir, `${name}.ext`), extensions);
    const signer = ["-CA", `${by}.pem`, "-CAkey", `${by}-key.pem`, "-CAcreateserial"];
    openssl("x509", "-req", "-in", `${name}.csr`, ...signer, "-out", `${name}.pem`, "-extfile", `${name}.ext`);
  };

  authority("ca");
  authority("otherca");
  signed("server", "ca", "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth");
  signed("client", "ca", "extendedKeyUsage=clientAuth");
  signed("stranger", "otherca", "extendedKeyUsage=clientAuth");

  // Only `openssl ca` can date a certificate back.
  request("expired");
  writeFileSync(join(dir, "index.txt"), "");
  writeFileSync(join(dir, "serial.txt"), "01");
  writeFileSync(join(dir, "ca.cnf"), asAuthority);
  const dates = ["-startdate", "20200101000000Z", "-enddate", "20210101000000Z"];
  const signer = ["-cert", "ca.pem", "-keyfile", "ca-key.pem"];
  openssl(
    "ca",
    "-batch",
    "-config",
    "ca.cnf",
    ...signer,
    ...dates,
    "-in",
    "expired.csr",
    "-out",
    "expired.pem",
    "-notext",
  );

  return {
    dir,
    pem: (name) => join(dir, `${name}.pem`),
    key: (name) => join(dir, `${name}-key.pem`),
  };
}
