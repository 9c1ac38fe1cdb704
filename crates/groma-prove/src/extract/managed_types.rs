//! The types whose interfaces services of AWS put into subnets.

/// Where a type says its subnets.
pub(crate) enum Subnets {
    /// In these attributes.
    Here(&'static [&'static str]),
    /// In a group of subnets, by this attribute and these types.
    Group(&'static str, &'static [&'static str]),
}
use Subnets::{Group, Here};

/// What happens where no subnet is named.
#[derive(PartialEq)]
pub(crate) enum Without {
    /// It is in no VPC: nothing to model.
    Nothing,
    /// It is placed into the default VPC.
    Default,
    /// It is a public endpoint of AWS.
    Public,
    /// It runs in a network of AWS, from which it reaches the internet and which nothing
    /// enters.
    Elsewhere,
}

/// Whether interfaces are public.
pub(crate) enum Public {
    /// Never.
    No,
    /// As this flag says.
    Flag(&'static str),
    /// If an attribute has this text.
    Text(&'static str, &'static str),
    /// Nobody says: as the subnet does.
    AsSubnet,
    /// If this flag is set, or as the subnet does.
    FlagOrSubnet(&'static str),
}

/// What there is beside the interfaces in subnets.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Beside {
    /// Nothing.
    Nothing,
    /// A way out to the internet, in a network of AWS, unless an attribute has this text.
    WayOut(&'static str, &'static str),
    /// An endpoint on the internet if an attribute has this text; who may use it is decided by IAM.
    Endpoint(&'static str, &'static str),
    /// An endpoint on the internet; who may use it is decided by IAM.
    PublicEndpoint,
}

/// Whether interfaces have IPv6 addresses.
pub(crate) enum V6 {
    /// If the subnet assigns them: nobody says.
    Perhaps,
    /// If an attribute contains this text.
    If(&'static str, &'static str),
    /// If this flag is set.
    Flag(&'static str),
}

pub(crate) struct Row {
    pub(crate) ty: &'static str,
    pub(crate) subnets: Subnets,
    pub(crate) groups: &'static [&'static str],
    pub(crate) without: Without,
    pub(crate) public: Public,
    pub(crate) v6: V6,
    /// Whether AWS makes groups of its own where none is named.
    pub(crate) own_groups: bool,
    pub(crate) beside: Beside,
    pub(crate) listens: Option<&'static [(u16, u16)]>,
}

const fn row(ty: &'static str, subnets: &'static [&'static str], groups: &'static [&'static str]) -> Row {
    Row {
        ty,
        subnets: Here(subnets),
        groups,
        without: Without::Nothing,
        public: Public::No,
        v6: V6::Perhaps,
        own_groups: false,
        beside: Beside::Nothing,
        listens: None,
    }
}

pub(crate) const DB: &[&str] = &["aws_db_subnet_group"];
const VPC_GROUPS: &[&str] = &["vpc_security_group_ids"];
const SECURITY_GROUPS: &[&str] = &["security_group_ids"];

/// The types that [`super::databases`] and others read are not here.
pub(crate) const ROWS: &[Row] = &[
    // "Giving Lambda functions access to resources in an Amazon VPC": never a public address, and
    // nothing can connect to a function; without a VPC it has the internet ("Lambda runs your
    // function in a secure VPC with access to AWS services and the internet").
    Row {
        without: Without::Elsewhere,
        v6: V6::Flag("vpc_config.ipv6_allowed_for_dual_stack"),
        listens: Some(&[]),
        ..row("aws_lambda_function", &["vpc_config.subnet_ids"], &["vpc_config.security_group_ids"])
    },
    Row { without: Without::Default, ..row("aws_db_proxy", &["vpc_subnet_ids"], VPC_GROUPS) },
    row("aws_db_proxy_endpoint", &["vpc_subnet_ids"], VPC_GROUPS),
    Row {
        subnets: Group("replication_subnet_group_id", &["aws_dms_replication_subnet_group"]),
        without: Without::Default,
        public: Public::Flag("publicly_accessible"),
        v6: V6::If("network_type", "DUAL"),
        ..row("aws_dms_replication_instance", &[], VPC_GROUPS)
    },
    Row {
        subnets: Group("compute_config.replication_subnet_group_id", &["aws_dms_replication_subnet_group"]),
        without: Without::Default,
        ..row("aws_dms_replication_config", &[], &["compute_config.vpc_security_group_ids"])
    },
    row("aws_docdbelastic_cluster", &["subnet_ids"], VPC_GROUPS),
    Row {
        subnets: Group("subnet_group_name", &["aws_dax_subnet_group"]),
        without: Without::Default,
        ..row("aws_dax_cluster", &[], SECURITY_GROUPS)
    },
    Row {
        subnets: Group("subnet_group_name", &["aws_elasticache_subnet_group"]),
        without: Without::Default,
        v6: V6::If("network_type", "v6"),
        ..row("aws_elasticache_cluster", &[], SECURITY_GROUPS)
    },
    Row {
        subnets: Group("subnet_group_name", &["aws_elasticache_subnet_group"]),
        without: Without::Default,
        v6: V6::If("network_type", "v6"),
        ..row("aws_elasticache_replication_group", &[], SECURITY_GROUPS)
    },
    Row {
        without: Without::Default,
        ..row("aws_elasticache_serverless_cache", &["subnet_ids"], SECURITY_GROUPS)
    },
    Row {
        subnets: Group("subnet_group_name", &["aws_memorydb_subnet_group"]),
        without: Without::Default,
        v6: V6::If("network_type", "v6"),
        ..row("aws_memorydb_cluster", &[], SECURITY_GROUPS)
    },
    // "Turn on public access to an MSK Provisioned cluster": elastic addresses for the brokers.
    Row {
        public: Public::Text(
            "broker_node_group_info.connectivity_info.public_access.type",
            "SERVICE_PROVIDED_EIPS",
        ),
        ..row(
            "aws_msk_cluster",
            &["broker_node_group_info.client_subnets"],
            &["broker_node_group_info.security_groups"],
        )
    },
    row("aws_msk_serverless_cluster", &["vpc_config.subnet_ids"], &["vpc_config.security_group_ids"]),
    row("aws_msk_vpc_connection", &["client_subnets"], &["security_groups"]),
    row(
        "aws_msk_replicator",
        &["kafka_cluster.vpc_config.subnet_ids"],
        &["kafka_cluster.vpc_config.security_groups_ids"],
    ),
    row(
        "aws_mskconnect_connector",
        &["kafka_cluster.apache_kafka_cluster.vpc.subnets"],
        &["kafka_cluster.apache_kafka_cluster.vpc.security_groups"],
    ),
    Row {
        without: Without::Default,
        public: Public::Flag("publicly_accessible"),
        ..row("aws_mq_broker", &["subnet_ids"], &["security_groups"])
    },
    // "Launching your Amazon OpenSearch Service domains within a VPC": otherwise the endpoint is a
    // public one.
    Row {
        without: Without::Public,
        v6: V6::If("ip_address_type", "dualstack"),
        listens: Some(&[(80, 80), (443, 443)]),
        ..row("aws_opensearch_domain", &["vpc_options.subnet_ids"], &["vpc_options.security_group_ids"])
    },
    Row {
        without: Without::Public,
        listens: Some(&[(80, 80), (443, 443)]),
        ..row("aws_elasticsearch_domain", &["vpc_options.subnet_ids"], &["vpc_options.security_group_ids"])
    },
    Row {
        subnets: Group("cluster_subnet_group_name", &["aws_redshift_subnet_group"]),
        without: Without::Default,
        public: Public::Flag("publicly_accessible"),
        ..row("aws_redshift_cluster", &[], VPC_GROUPS)
    },
    Row {
        subnets: Group("subnet_group_name", &["aws_redshift_subnet_group"]),
        ..row("aws_redshift_endpoint_access", &[], VPC_GROUPS)
    },
    Row {
        without: Without::Default,
        public: Public::Flag("publicly_accessible"),
        ..row("aws_redshiftserverless_workgroup", &["subnet_ids"], SECURITY_GROUPS)
    },
    row("aws_redshiftserverless_endpoint_access", &["subnet_ids"], VPC_GROUPS),
    Row {
        public: Public::Flag("publicly_accessible"),
        v6: V6::If("network_type", "DUAL"),
        ..row("aws_timestreaminfluxdb_db_instance", &["vpc_subnet_ids"], VPC_GROUPS)
    },
    row("aws_efs_mount_target", &["subnet_id"], &["security_groups"]),
    row("aws_fsx_lustre_file_system", &["subnet_ids"], SECURITY_GROUPS),
    row("aws_fsx_ontap_file_system", &["subnet_ids"], SECURITY_GROUPS),
    row("aws_fsx_openzfs_file_system", &["subnet_ids"], SECURITY_GROUPS),
    row("aws_fsx_windows_file_system", &["subnet_ids"], SECURITY_GROUPS),
    row("aws_fsx_file_cache", &["subnet_ids"], SECURITY_GROUPS),
    row("aws_apigatewayv2_vpc_link", &["subnet_ids"], SECURITY_GROUPS),
    row("aws_apprunner_vpc_connector", &["subnets"], &["security_groups"]),
    Row {
        without: Without::Elsewhere,
        ..row("aws_codebuild_project", &["vpc_config.subnets"], &["vpc_config.security_group_ids"])
    },
    Row {
        without: Without::Elsewhere,
        ..row("aws_codebuild_fleet", &["vpc_config.subnets"], &["vpc_config.security_group_ids"])
    },
    row(
        "aws_glue_connection",
        &["physical_connection_requirements.subnet_id"],
        &["physical_connection_requirements.security_group_id_list"],
    ),
    row("aws_glue_dev_endpoint", &["subnet_id"], SECURITY_GROUPS),
    // "Connect a Notebook Instance in a VPC to External Resources": direct internet access is on
    // unless it is turned off.
    Row {
        without: Without::Elsewhere,
        beside: Beside::WayOut("direct_internet_access", "Disabled"),
        ..row("aws_sagemaker_notebook_instance", &["subnet_id"], &["security_groups"])
    },
    row("aws_sagemaker_model", &["vpc_config.subnets"], &["vpc_config.security_group_ids"]),
    // "Connect Studio in a VPC to External Resources": a way out in a VPC of SageMaker's, unless all
    // goes by the own one.
    Row {
        own_groups: true,
        beside: Beside::WayOut("app_network_access_type", "VpcOnly"),
        ..row(
            "aws_sagemaker_domain",
            &["subnet_ids"],
            &[
                "default_user_settings.security_groups",
                "default_space_settings.security_groups",
                "domain_settings.security_group_ids",
            ],
        )
    },
    row(
        "aws_sagemaker_workforce",
        &["workforce_vpc_config.subnets"],
        &["workforce_vpc_config.security_group_ids"],
    ),
    row(
        "aws_sagemaker_data_quality_job_definition",
        &["network_config.vpc_config.subnets"],
        &["network_config.vpc_config.security_group_ids"],
    ),
    Row {
        public: Public::AsSubnet,
        own_groups: true,
        ..row(
            "aws_batch_compute_environment",
            &["compute_resources.subnets"],
            &["compute_resources.security_group_ids"],
        )
    },
    // "Apache Airflow access modes".
    Row {
        beside: Beside::Endpoint("webserver_access_mode", "PUBLIC_ONLY"),
        ..row(
            "aws_mwaa_environment",
            &["network_configuration.subnet_ids"],
            &["network_configuration.security_group_ids"],
        )
    },
    row(
        "aws_emrserverless_application",
        &["network_configuration.subnet_ids"],
        &["network_configuration.security_group_ids"],
    ),
    Row {
        without: Without::Default,
        public: Public::AsSubnet,
        own_groups: true,
        ..row(
            "aws_emr_cluster",
            &["ec2_attributes.subnet_id", "ec2_attributes.subnet_ids"],
            &[
                "ec2_attributes.emr_managed_master_security_group",
                "ec2_attributes.emr_managed_slave_security_group",
                "ec2_attributes.additional_master_security_groups",
                "ec2_attributes.additional_slave_security_groups",
                "ec2_attributes.service_access_security_group",
            ],
        )
    },
    row("aws_emr_studio", &["subnet_ids"], &["engine_security_group_id", "workspace_security_group_id"]),
    row("aws_route53_resolver_endpoint", &["ip_address*subnet_id"], SECURITY_GROUPS),
    row(
        "aws_directory_service_directory",
        &["vpc_settings.subnet_ids", "connect_settings.subnet_ids"],
        &["security_group_id"],
    ),
    Row { own_groups: true, ..row("aws_directory_service_region", &["vpc_settings.subnet_ids"], &[]) },
    // "Provide internet access from your WorkSpaces".
    Row {
        public: Public::FlagOrSubnet("workspace_creation_properties.enable_internet_access"),
        own_groups: true,
        ..row(
            "aws_workspaces_directory",
            &["subnet_ids"],
            &["workspace_creation_properties.custom_security_group_id", "workspace_security_group_id"],
        )
    },
    row("aws_workspacesweb_network_settings", &["subnet_ids"], SECURITY_GROUPS),
    Row {
        public: Public::AsSubnet,
        own_groups: true,
        ..row("aws_cloud9_environment_ec2", &["subnet_id"], &[])
    },
    Row {
        public: Public::FlagOrSubnet("enable_default_internet_access"),
        ..row("aws_appstream_fleet", &["vpc_config.subnet_ids"], &["vpc_config.security_group_ids"])
    },
    Row {
        public: Public::FlagOrSubnet("enable_default_internet_access"),
        ..row("aws_appstream_image_builder", &["vpc_config.subnet_ids"], &["vpc_config.security_group_ids"])
    },
    Row {
        public: Public::AsSubnet,
        ..row("aws_imagebuilder_infrastructure_configuration", &["subnet_id"], SECURITY_GROUPS)
    },
    row("aws_bedrock_custom_model", &["vpc_config.subnet_ids"], &["vpc_config.security_group_ids"]),
    row("aws_comprehend_document_classifier", &["vpc_config.subnets"], &["vpc_config.security_group_ids"]),
    row("aws_comprehend_entity_recognizer", &["vpc_config.subnets"], &["vpc_config.security_group_ids"]),
    row("aws_devicefarm_test_grid_project", &["vpc_config.subnet_ids"], &["vpc_config.security_group_ids"]),
    Row {
        without: Without::Elsewhere,
        ..row("aws_synthetics_canary", &["vpc_config.subnet_ids"], &["vpc_config.security_group_ids"])
    },
    row(
        "aws_kinesisanalyticsv2_application",
        &["application_configuration.vpc_configuration.subnet_ids"],
        &["application_configuration.vpc_configuration.security_group_ids"],
    ),
    // "Configure network access to your workspace": the workspace itself is on the internet.
    Row {
        beside: Beside::PublicEndpoint,
        ..row(
            "aws_grafana_workspace",
            &["vpc_configuration.subnet_ids"],
            &["vpc_configuration.security_group_ids"],
        )
    },
    row(
        "aws_codestarconnections_host",
        &["vpc_configuration.subnet_ids"],
        &["vpc_configuration.security_group_ids"],
    ),
    row(
        "aws_codeconnections_host",
        &["vpc_configuration.subnet_ids"],
        &["vpc_configuration.security_group_ids"],
    ),
    row(
        "aws_iot_topic_rule_destination",
        &["vpc_configuration.subnet_ids"],
        &["vpc_configuration.security_groups"],
    ),
    row("aws_quicksight_vpc_connection", &["subnet_ids"], SECURITY_GROUPS),
    row("aws_medialive_input", &["vpc.subnet_ids"], &["vpc.security_group_ids"]),
    // "Delivering outputs via your VPC": elastic addresses make it public.
    Row {
        without: Without::Elsewhere,
        public: Public::Text("vpc.public_address_allocation_ids", ""),
        ..row("aws_medialive_channel", &["vpc.subnet_ids"], &["vpc.security_group_ids"])
    },
    row(
        "aws_finspace_kx_cluster",
        &["vpc_configuration.subnet_ids"],
        &["vpc_configuration.security_group_ids"],
    ),
    Row {
        public: Public::Flag("publicly_accessible"),
        ..row("aws_m2_environment", &["subnet_ids"], SECURITY_GROUPS)
    },
    row("aws_opensearch_vpc_endpoint", &["vpc_options.subnet_ids"], &["vpc_options.security_group_ids"]),
    row("aws_elasticsearch_vpc_endpoint", &["vpc_options.subnet_ids"], &["vpc_options.security_group_ids"]),
    row("aws_opensearchserverless_vpc_endpoint", &["subnet_ids"], SECURITY_GROUPS),
    row("aws_osis_pipeline", &["vpc_options.subnet_ids"], &["vpc_options.security_group_ids"]),
    Row {
        own_groups: true,
        ..row("aws_prometheus_scraper", &["source.eks.subnet_ids"], &["source.eks.security_group_ids"])
    },
    row(
        "aws_kinesis_firehose_delivery_stream",
        &[
            "opensearch_configuration.vpc_config.subnet_ids",
            "elasticsearch_configuration.vpc_config.subnet_ids",
            "opensearchserverless_configuration.vpc_config.subnet_ids",
        ],
        &[
            "opensearch_configuration.vpc_config.security_group_ids",
            "elasticsearch_configuration.vpc_config.security_group_ids",
            "opensearchserverless_configuration.vpc_config.security_group_ids",
        ],
    ),
    row("aws_datasync_location_efs", &["ec2_config.subnet_arn"], &["ec2_config.security_group_arns"]),
    row("aws_datasync_agent", &["subnet_arns"], &["security_group_arns"]),
    row("aws_cloudhsm_v2_cluster", &["subnet_ids"], &["security_group_id"]),
    // "EC2 Instance Connect Endpoint": the default group where none is named.
    row("aws_ec2_instance_connect_endpoint", &["subnet_id"], SECURITY_GROUPS),
    Row {
        public: Public::Flag("ecs_target.network_configuration.assign_public_ip"),
        listens: None,
        ..row(
            "aws_cloudwatch_event_target",
            &["ecs_target.network_configuration.subnets"],
            &["ecs_target.network_configuration.security_groups"],
        )
    },
    Row {
        public: Public::Flag("target.ecs_parameters.network_configuration.assign_public_ip"),
        ..row(
            "aws_scheduler_schedule",
            &["target.ecs_parameters.network_configuration.subnets"],
            &["target.ecs_parameters.network_configuration.security_groups"],
        )
    },
    Row {
        public: Public::Text(
            "target_parameters.ecs_task_parameters.network_configuration.aws_vpc_configuration.assign_public_ip",
            "ENABLED",
        ),
        ..row(
            "aws_pipes_pipe",
            &[
                "target_parameters.ecs_task_parameters.network_configuration.aws_vpc_configuration.subnets",
                "source_parameters.self_managed_kafka_parameters.vpc.subnets",
            ],
            &[
                "target_parameters.ecs_task_parameters.network_configuration.aws_vpc_configuration.security_groups",
                "source_parameters.self_managed_kafka_parameters.vpc.security_groups",
            ],
        )
    },
    // "Create a server in a virtual private cloud"; elastic addresses make it public, and without
    // a VPC it is a public endpoint.
    Row {
        without: Without::Public,
        public: Public::Text("endpoint_details.address_allocation_ids", ""),
        ..row(
            "aws_transfer_server",
            &["endpoint_details.subnet_ids"],
            &["endpoint_details.security_group_ids"],
        )
    },
    Row {
        subnets: Group("db_subnet_group_name", DB),
        without: Without::Default,
        ..row("aws_docdb_cluster", &[], VPC_GROUPS)
    },
    Row {
        subnets: Group("neptune_subnet_group_name", &["aws_neptune_subnet_group"]),
        without: Without::Default,
        v6: V6::If("network_type", "DUAL"),
        ..row("aws_neptune_cluster", &[], VPC_GROUPS)
    },
];
