output "vpc_id" {
  value = aws_vpc.main.id
}

output "private_subnets" {
  value = aws_subnet.private
}

output "public_subnet" {
  value = aws_subnet.public
}

output "private_route_table_id" {
  value = aws_route_table.private.id
}
