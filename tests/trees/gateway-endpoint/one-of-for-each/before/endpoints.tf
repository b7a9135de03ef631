resource "aws_vpc_endpoint" "all" {
  for_each     = toset(["s3", "dynamodb"])
  vpc_id       = "vpc-1"
  service_name = "com.amazonaws.us-west-2.${each.key}"
}
