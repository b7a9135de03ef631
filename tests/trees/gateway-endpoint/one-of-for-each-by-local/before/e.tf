locals {
  all = ["s3", "dynamodb"]
}

resource "aws_vpc_endpoint" "s3" {
  for_each = toset(local.all)

  vpc_id       = "vpc-1"
  service_name = "com.amazonaws.us-west-2.${each.value}"
}
