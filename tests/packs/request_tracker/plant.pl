# Leaves, by Request Tracker's own program, what its shredder and a DELETE do not reach: earlier subjects,
# saved searches of an agent, sessions, and words that are in the full-text index alone.
# Arguments: the file of customers that people.py writes.
use strict;
use warnings;
use lib '/usr/share/request-tracker5/lib';
use RT -init;
use RT::Interface::Web::Session;
use JSON;
use MIME::Entity;
use Encode;

sub done {
    my ( $id, @said ) = @_;
    die "not done: @said" unless $id;
    return $id;
}

open my $file, '<:encoding(UTF-8)', $ARGV[0] or die $!;
my $people = decode_json( encode( 'UTF-8', do { local $/; <$file> } ) );
my $agent = RT::CurrentUser->new;
$agent->LoadByName('mette');
my $place = RT::CustomField->new( RT->SystemUser );
done( $place->LoadByName( Name => 'Delivery', LookupType => 'RT::Queue-RT::Ticket' ) );

for my $one (@$people) {
    my $tickets = RT::Tickets->new($agent);
    $tickets->FromSQL("Requestor.EmailAddress = '$one->{email}' AND Queue = 'Support'");
    my $ticket = $tickets->First or die "no ticket of customer $one->{number}";
    done( $ticket->SetSubject("Write to $one->{former}") );
    done( $ticket->SetSubject('Lamp') );
    done( $ticket->AddCustomFieldValue( Field => $place, Value => $one->{crm} ) );
    my $mail = MIME::Entity->build( Type => 'multipart/mixed' );
    $mail->attach( Type => 'text/plain', Charset => 'UTF-8', Data => ['See the file.'] );
    $mail->attach( Type => 'text/plain', Charset => 'UTF-8', Filename => sprintf( 'alias_%03d.txt', $one->{number} ),
        Disposition => 'attachment', Data => [ encode( 'UTF-8', "They also write as $one->{alias}." ) ] );
    done( $ticket->Comment( MIMEObj => $mail ) );
    my $search = RT::SavedSearch->new($agent);
    done( $search->Save( Privacy => 'RT::User-' . $agent->id, Name => "Lamp $one->{number}", Type => 'Ticket',
        SearchParams => { Query => "Requestor.EmailAddress = '$one->{searched}'", Format => '__id__' } ) );
    tie my %session, 'RT::Interface::Web::Session', undef or die 'no session';
    $session{CurrentUser} = $agent;
    $session{'CurrentSearchHash-RT::Ticket'} = { Query => "Requestor.EmailAddress = '$one->{seen}'" };
    untie %session;
}
