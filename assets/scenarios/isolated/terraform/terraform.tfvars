existing_vpc_id = "vpc-0b5d2c1e7f9a83640"
okta_secret_arn = "arn:aws:secretsmanager:us-west-2:123456789012:secret:bond-ai-dev-okta-Ab12Cd"
