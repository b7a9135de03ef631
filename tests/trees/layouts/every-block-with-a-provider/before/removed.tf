removed {
  from = aws_nat_gateway.old

  lifecycle {
    destroy = false
  }
}

ephemeral "aws_secretsmanager_secret_version" "token" {
  secret_id = "bond/token"
}

locals {
  account = provider::aws::arn_parse("arn:aws:iam::123456789012:role/bond").account_id
}
