services = ["kms", "ssm"]
