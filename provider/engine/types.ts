/** The parts of Docker's API that longshore writes and reads, in Docker's own words. */

export interface PortBinding {
  readonly HostIp?: string;
  readonly HostPort: string;
}

export interface Ulimit {
  readonly Name: string;
  readonly Soft: number;
  readonly Hard: number;
}

/** A device of the host: `HostConfig.Devices`. */
export interface Device {
  readonly PathOnHost: string;
  readonly PathInContainer?: string;
  readonly CgroupPermissions: string;
}

/** Devices that a driver of the engine finds: `HostConfig.DeviceRequests`. */
export interface DeviceRequest {
  readonly Driver?: string;
  readonly Count?: number;
  readonly DeviceIDs?: readonly string[];
  readonly Capabilities?: readonly (readonly string[])[];
  readonly Options?: Readonly<Record<string, string>>;
}

/** What a container has on one network. */
export interface Endpoint {
  readonly Aliases?: readonly string[];
  readonly IPAMConfig?: { readonly IPv4Address?: string; readonly IPv6Address?: string };
}

/** A mount of `HostConfig.Mounts`. */
export interface Mount {
  readonly Type: "volume" | "bind" | "tmpfs" | "npipe";
  readonly Source?: string;
  readonly Target: string;
  readonly ReadOnly?: boolean;
  readonly BindOptions?: { readonly Propagation?: string };
  readonly TmpfsOptions?: { readonly SizeBytes?: number; readonly Mode?: number };
  readonly VolumeOptions?: {
    readonly NoCopy?: boolean;
    readonly Labels?: Readonly<Record<string, string>>;
    readonly DriverConfig?: VolumeDriver;
  };
}

/** Something that a container has mounted. */
export interface MountPoint {
  readonly Type: Mount["Type"];
  /** A volume's. */
  readonly Name?: string;
  readonly Source?: string;
  readonly Destination: string;
  readonly RW?: boolean;
}

/** How a volume is made: `POST /volumes/create`, and in a mount. */
export interface VolumeDriver {
  readonly Name?: string;
  readonly Options?: Readonly<Record<string, string>>;
}

export interface RestartPolicy {
  readonly Name?: string;
  readonly MaximumRetryCount?: number;
}

/** What `POST /containers/{id}/update` takes; `HostConfig` begins with the same fields. */
export interface Resources {
  readonly CpuShares?: number;
  readonly CpuPeriod?: number;
  readonly CpuQuota?: number;
  readonly CpusetCpus?: string;
  readonly Memory?: number;
  readonly MemoryReservation?: number;
  readonly MemorySwap?: number;
  readonly MemorySwappiness?: number;
  readonly PidsLimit?: number | null;
  readonly RestartPolicy?: RestartPolicy;
}

export interface HostConfig extends Resources {
  readonly Binds?: readonly string[];
  readonly CapAdd?: readonly string[];
  readonly CapDrop?: readonly string[];
  readonly CgroupnsMode?: string;
  readonly ConsoleSize?: readonly [number, number];
  readonly DeviceRequests?: readonly DeviceRequest[];
  readonly Devices?: readonly Device[];
  readonly Dns?: readonly string[];
  readonly DnsOptions?: readonly string[];
  readonly DnsSearch?: readonly string[];
  readonly ExtraHosts?: readonly string[];
  readonly GroupAdd?: readonly string[];
  readonly Init?: boolean;
  readonly IpcMode?: string;
  readonly Isolation?: string;
  readonly LogConfig?: { readonly Type?: string; readonly Config?: Readonly<Record<string, string>> };
  readonly Mounts?: readonly Mount[];
  readonly NetworkMode?: string;
  readonly OomScoreAdj?: number;
  readonly PidMode?: string;
  readonly PortBindings?: Readonly<Record<string, readonly PortBinding[]>>;
  readonly Privileged?: boolean;
  readonly ReadonlyRootfs?: boolean;
  readonly Runtime?: string;
  readonly SecurityOpt?: readonly string[];
  readonly ShmSize?: number;
  readonly StorageOpt?: Readonly<Record<string, string>>;
  readonly Sysctls?: Readonly<Record<string, string>>;
  readonly UTSMode?: string;
  readonly Ulimits?: readonly Ulimit[];
  readonly UsernsMode?: string;
  readonly VolumeDriver?: string;
}

export interface Healthcheck {
  readonly Test: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly Retries?: number;
}

/** The body of `POST /containers/create`. */
export interface CreateRequest {
  readonly Image?: string;
  readonly Cmd?: readonly string[] | null;
  readonly Entrypoint?: readonly string[] | null;
  readonly Env?: readonly string[];
  readonly ExposedPorts?: Readonly<Record<string, Record<string, never>>>;
  readonly Healthcheck?: Healthcheck;
  readonly Hostname?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly MacAddress?: string;
  readonly NetworkingConfig?: { readonly EndpointsConfig: Readonly<Record<string, Endpoint>> };
  readonly OpenStdin?: boolean;
  readonly StopSignal?: string;
  readonly StopTimeout?: number;
  readonly Tty?: boolean;
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly HostConfig?: HostConfig;
}

/** What `GET /containers/{id}/json` answers. */
export interface ContainerInfo {
  readonly Id: string;
  readonly Name: string;
  readonly Created: string;
  readonly Image: string;
  readonly State: {
    readonly Status: "created" | "running" | "paused" | "restarting" | "removing" | "exited" | "dead";
    readonly Running: boolean;
    readonly Restarting: boolean;
    readonly OOMKilled: boolean;
    readonly ExitCode: number;
    readonly Error: string;
    readonly StartedAt: string;
    readonly FinishedAt: string;
    readonly Health?: {
      readonly Status: "none" | "starting" | "healthy" | "unhealthy";
      readonly Log?: readonly { readonly ExitCode: number; readonly Output: string }[] | null;
    };
  };
  readonly RestartCount: number;
  readonly Config: {
    readonly Image: string;
    readonly User: string;
    readonly Tty: boolean;
    readonly Labels: Readonly<Record<string, string>>;
    readonly Env: readonly string[] | null;
    readonly Healthcheck?: Healthcheck | null;
  };
  readonly HostConfig: HostConfig;
  readonly Mounts?: readonly MountPoint[];
  readonly NetworkSettings: {
    readonly Networks: Readonly<Record<string, { readonly IPAddress: string; readonly GlobalIPv6Address: string }>>;
    /** What is published, by `80/tcp`. */
    readonly Ports?: Readonly<Record<string, readonly PortBinding[] | null>>;
  };
}

/** Credentials for a registry, as a program writes them. */
export interface RegistryAuth {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** For which the registry's token server gives tokens, in place of a password. */
  readonly identityToken?: string | undefined;
  /** What is shown to the registry itself, in place of all else. */
  readonly registryToken?: string | undefined;
  readonly email?: string | undefined;
  readonly serverAddress?: string | undefined;
}

/** A port of a container, in a row of `GET /containers/json`. */
export interface PublishedPort {
  /** The address on the host. */
  readonly IP?: string;
  readonly PrivatePort: number;
  /** Only while it is published. */
  readonly PublicPort?: number;
  readonly Type: string;
}

/** One row of `GET /containers/json`. */
export interface ContainerRow {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Image: string;
  readonly ImageID: string;
  readonly Created: number;
  readonly State: ContainerInfo["State"]["Status"];
  /** The same for a person: `Exited (137) 5 minutes ago`. */
  readonly Status?: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Mounts?: readonly MountPoint[];
  readonly Ports?: readonly PublishedPort[] | null;
}

/** What `GET /images/{name}/json` answers. */
export interface ImageInfo {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly RepoDigests: readonly string[] | null;
  readonly Size: number;
  readonly Config?: { readonly Labels?: Readonly<Record<string, string>> | null } | null;
}

/** What `GET /volumes/{name}` answers. */
export interface VolumeInfo {
  readonly Name: string;
  readonly Mountpoint: string;
  readonly Labels: Readonly<Record<string, string>> | null;
  /** By the engine's clock. Not every volume driver knows it. */
  readonly CreatedAt?: string;
}

/** What `GET /info` answers. */
export interface EngineInfo {
  readonly ID: string;
  readonly Name: string;
  /** As `uname -m` says it: `x86_64`. */
  readonly Architecture: string;
  readonly NCPU: number;
  readonly MemTotal: number;
  readonly CgroupVersion?: string;
  readonly KernelVersion?: string;
  /** The name of the machine's system: `Debian GNU/Linux 12 (bookworm)`. */
  readonly OperatingSystem?: string;
  readonly OSVersion?: string;
  /** The engine's own, each `key=value`. */
  readonly Labels?: readonly string[] | null;
  readonly DockerRootDir: string;
  /** What the storage driver says of itself: pairs of name and value. */
  readonly DriverStatus?: readonly (readonly [string, string])[] | null;
  readonly OSType: string;
  readonly Runtimes?: Readonly<Record<string, unknown>>;
  readonly ServerVersion: string;
  /** The engine's clock. */
  readonly SystemTime: string;
}

/** What `GET /networks/{name}` answers. */
export interface NetworkInfo {
  readonly Id: string;
  readonly Name: string;
  readonly Driver: string;
  readonly IPAM: { readonly Config?: readonly { readonly Gateway?: string; readonly Subnet?: string }[] | null };
}

/** What `GET /distribution/{name}/json` answers. */
export interface DistributionInfo {
  readonly Descriptor: { readonly digest: string };
}

/** The body of `POST /containers/{id}/exec`. */
export interface ExecRequest {
  readonly Cmd: readonly string[];
  readonly AttachStdin: boolean;
  readonly AttachStdout: true;
  readonly AttachStderr: true;
  readonly Tty: boolean;
  readonly Env?: readonly string[];
  readonly User?: string;
  readonly WorkingDir?: string;
  /** Rows and columns. Engines before API 1.42 do not know it. */
  readonly ConsoleSize?: readonly [number, number];
}

/** What `GET /exec/{id}/json` answers. */
export interface ExecInfo {
  readonly Running: boolean;
  readonly ExitCode: number | null;
}

interface CpuStats {
  readonly cpu_usage: { readonly total_usage: number; readonly percpu_usage?: readonly number[] | null };
  readonly system_cpu_usage?: number;
  readonly online_cpus?: number;
}

/** What `GET /containers/{id}/stats` answers; of a container that does not run, with little in it. */
export interface StatsSample {
  readonly read: string;
  readonly cpu_stats: CpuStats;
  readonly precpu_stats: CpuStats;
  readonly memory_stats: {
    readonly usage?: number;
    readonly limit?: number;
    readonly stats?: Readonly<Record<string, number>>;
  };
  /** By the name of the interface; left out where the container has none of its own. */
  readonly networks?: Readonly<Record<string, { readonly rx_bytes: number; readonly tx_bytes: number }>>;
  readonly blkio_stats: {
    readonly io_service_bytes_recursive?: readonly { readonly op: string; readonly value: number }[] | null;
  };
  readonly pids_stats: { readonly current?: number };
}
