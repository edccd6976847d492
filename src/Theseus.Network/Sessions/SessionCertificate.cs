using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Theseus.Network;

/// <summary>
/// The TLS certificate of a process: ECDSA P-256, self-signed, made afresh at start. Its dates mean nothing; the signed
/// hello binds it to the node key (docs/protocol/network.md).
/// </summary>
public sealed class SessionCertificate : IDisposable
{
    private SessionCertificate(X509Certificate2 certificate)
    {
        Certificate = certificate;
        Digest = SHA256.HashData(certificate.RawData);
    }

    /// <summary>The certificate with its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>SHA-256 of the DER bytes.</summary>
    public byte[] Digest { get; }

    /// <summary>Makes a key and a certificate for it.</summary>
    public static SessionCertificate Create()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=theseus", key, HashAlgorithmName.SHA256);
        using X509Certificate2 fresh = request.CreateSelfSigned(
            new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2120, 1, 1, 0, 0, 0, TimeSpan.Zero));

        // The TLS stack wants a key that is stored with the certificate, not an ephemeral handle.
        byte[] container = fresh.Export(X509ContentType.Pkcs12);
        return new SessionCertificate(X509CertificateLoader.LoadPkcs12(container, password: null));
    }

    /// <summary>Frees the key.</summary>
    public void Dispose() => Certificate.Dispose();
}
